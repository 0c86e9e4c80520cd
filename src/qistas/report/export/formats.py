"""Which documents for others there are, and what each is written from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from qistas.contracts.documents import Language
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.findings import Report
from qistas.contracts.openness import Assessment
from qistas.report.export import OF_RELEASES, OF_RUNS
from qistas.report.export.card_section import card_section
from qistas.report.export.cyclonedx import cyclonedx
from qistas.report.export.eval_results import eval_results
from qistas.report.export.every_eval_ever import every_eval_ever
from qistas.report.export.material import Material, material_of_run
from qistas.report.export.model_index import model_index
from qistas.report.export.mof import mof
from qistas.report.export.spdx3 import spdx3
from qistas.report.source import Reader


class Format(NamedTuple):
    """``of_numbers``: that it holds numbers of a run and nothing else."""

    write: Callable[[Material, Language], bytes]
    of_numbers: bool = False


FORMATS = {
    "cyclonedx": Format(cyclonedx),
    "spdx3": Format(spdx3),
    "model-index": Format(model_index, of_numbers=True),
    "eval-results": Format(eval_results, of_numbers=True),
    "every-eval-ever": Format(every_eval_ever, of_numbers=True),
    "mof": Format(mof),
    "card-section": Format(card_section),
}


def export_run(format: str, report: Report, reader: Reader, lang: Language) -> bytes:  # noqa: A002 - the command's own word
    """A run in one of ``OF_RUNS``.

    Raises:
        BadInput: there is no such format, or the ledger holds nothing that it could say.
    """
    _check(format, OF_RUNS)
    material = material_of_run(report, reader)
    if FORMATS[format].of_numbers and not material.measured():
        step = "weigh with more samples; --format md says what is missing"
        raise BadInput(Fault(f"no criterion has a number, and {format} holds nothing else", next_step=step))
    return FORMATS[format].write(material, lang)


def export_releases(format: str, made: Sequence[Assessment], lang: Language) -> bytes:  # noqa: A002 - the command's own word
    """The openness of one release in one of ``OF_RELEASES``.

    Raises:
        BadInput: there is no such format, or not exactly one release: each of these documents is about one.
    """
    _check(format, OF_RELEASES)
    if len(made) != 1:
        step = "name one RELEASE, and call the command for each"
        raise BadInput(Fault(f"{format} is about one release, and {len(made)} were given", next_step=step))
    return FORMATS[format].write(Material(assessment=made[0]), lang)


def _check(format: str, known: Sequence[str]) -> None:  # noqa: A002 - the command's own word
    if format not in known:
        raise BadInput(
            Fault(f"nothing is written as {format!r} here", next_step=f"one of {', '.join(known)}")
        )
