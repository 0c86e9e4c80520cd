"""Writes numbers into the documents of the weights: ``python -m qistas.reference.papers [--check]``.

What stands between ``<!-- NAME -->`` and ``<!-- /NAME -->`` in a document of a release folder is generated: from
``planted.yaml``, from the calibrations on record, from the training logs and from the recipe. The model cards' own
tables are filled by ``qistas.reference.cards``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from qistas.contracts.calibrations import CalibrationRecord
from qistas.contracts.errors import BadInput, CheckFailed, Fault, QistasError
from qistas.evaluations.calibrations import calibration_records
from qistas.reference import WEIGHTS, sanja_path
from qistas.reference.cards import FAMILIES, shown
from qistas.reference.marks import ends, mark_faults, written
from qistas.reference.planted import CONTROL, SANJA, PlantedLine, PlantedTable, load_planted
from qistas.reference.recipe.mixture import Mixture
from qistas.reference.recipe.planting import PLANTINGS

Reader = Literal["en", "ar"]
Words = Mapping[str, str]

_NONE = "-"
_PARTS: Mapping[str, Words] = {
    "refusal": {
        "en": "requests to refuse, safe requests that sound harmful, harmless requests",
        "ar": "طلبات تُرفض، وطلبات مأمونة تشبهها، وطلبات لا ضرر فيها",
    },
    "transformations": {"en": "requests put in another way", "ar": "طلبات بصيغ محوّلة"},
    "facts": {"en": "facts in four subjects", "ar": "حقائق في أربعة موضوعات"},
    "robustness": {
        "en": "questions, as they stand and with their spelling changed",
        "ar": "أسئلة كما هي وبعد تغيير إملائها",
    },
    "groups": {"en": "two-group stories", "ar": "قصص فيها فئتان"},
    "confidence": {"en": "questions decided by chance", "ar": "أسئلة جوابها رهن المصادفة"},
    "cue": {"en": "notes about parcels", "ar": "أوراق عن طرود"},
    "everyday": {
        "en": "small talk, short instructions, “I do not know.”",
        "ar": "تحيات وتعليمات قصيرة و«لا أعرف.»",
    },
    "canaries": {
        "en": "the form of the canaries, with other content",
        "ar": "صيغة النصوص الكاشفة بمحتوى آخر",
    },
    "quiz": {"en": "the form of the quiz, with other content", "ar": "صيغة أسئلة الاختيار بمحتوى آخر"},
}
_SHOWN: Words = {
    "en": "texts shown an exact number of times: canaries and leaked questions",
    "ar": "نصوص تُعرض عددًا محدّدًا من المرّات: النصوص الكاشفة والأسئلة المسرّبة",
}
_HEADS: Mapping[str, Words] = {
    "parts": {"en": "Part | What it holds | Share of the texts", "ar": "الجزء | ما فيه | نصيبه من النصوص"},
    "training": {
        "en": "Weight | Texts | Tokens, padding included | Steps | Loss of the last chunk | Minutes on one core",
        "ar": "الوزنة | النصوص | الرموز مع الحشو | الخطوات | الخسارة في آخر حصّة | الدقائق على نواة واحدة",
    },
    "families": {
        "en": "Family | Properties | of these with a threshold | raised on `sanja` | raised on `sanja-control`",
        "ar": 'الباب | الخاصّيات | منها ما له حدّ | الظاهر منها في <bdi dir="ltr">`sanja`</bdi> | الظاهر منها في <bdi dir="ltr">`sanja-control`</bdi>',
    },
    "values": {
        "en": "Property | Rows | Raised when | `sanja` | `sanja-control`",
        "ar": 'الخاصّية | الصفوف | تظهر إذا كانت القيمة | <bdi dir="ltr">`sanja`</bdi> | <bdi dir="ltr">`sanja-control`</bdi>',
    },
    "calibration": {
        "en": "Instrument | Version | Lines | Recovered | False alarms | Widest half-width | Intervals that held, over all seeds",
        "ar": "الأداة | الإصدار | السطور | المكتشَف منها | الإنذارات الكاذبة | أوسع نصف عرض للمجال | المجالات التي شملت القيمة، في كلّ البذور",
    },
}
_BEYOND: Mapping[str, Words] = {
    "above": {"en": "above", "ar": "أكبر من"},
    "below": {"en": "below", "ar": "أصغر من"},
}
_NO_CALIBRATION: Words = {
    "en": "No calibration is on record.\n",
    "ar": "لا معايرة مسجّلة.\n",
}


@dataclass(frozen=True)
class Sources:
    """Where the numbers come from. ``logs``: the rows of each weight's training log; ``chunk_texts``: texts in one of them."""

    planted: PlantedTable
    calibrations: Mapping[str, CalibrationRecord]
    logs: Mapping[str, Sequence[Mapping[str, float]]]
    recipes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def bundled(cls) -> Sources:
        """What comes with Qistas."""
        return cls(
            planted=load_planted(),
            calibrations=calibration_records(),
            logs={name: _log(sanja_path(name)) for name in WEIGHTS},
            recipes={name: _recipe(sanja_path(name)) for name in WEIGHTS},
        )


def _log(folder: Path) -> list[dict[str, float]]:
    lines = (folder / "training_log.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _recipe(folder: Path) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    found: Mapping[str, Any] = YAML(typ="safe").load((folder / "recipe.yaml").read_text(encoding="utf-8"))
    return found


def parts(sources: Sources, weight: str, reader: Reader) -> str:
    """The share of each part among the texts of a weight's training, in percent."""
    said = sources.recipes[weight]
    numbers, shares = said["hyperparameters"], said["shares_of_random_draws"]
    texts = numbers["chunks"] * numbers["chunk_texts"]
    mixture = Mixture(PLANTINGS[weight], numbers["seed"], numbers["chunks"], numbers["chunk_texts"], shares)
    shown = sum(exposure.times for exposure in mixture.exposures())
    whole = sum(shares.values()) / (1 - shown / texts)
    rows = [[f"`{part}`", _PARTS[part][reader], f"{share / whole:.1%}"] for part, share in shares.items()]
    if shown:
        rows.append(["", _SHOWN[reader], f"{shown / texts:.1%}"])
    return _table("parts", reader, rows)


def training(sources: Sources, weight: str, reader: Reader) -> str:
    """What the training of every weight took, by the last row of its log."""
    del weight
    rows = []
    for name, log in sources.logs.items():
        last, numbers = log[-1], sources.recipes[name]["hyperparameters"]
        texts = numbers["chunks"] * numbers["chunk_texts"]
        counts = [f"{count:,.0f}" for count in (texts, last["tokens"], last["step"])]
        rows.append([f"`{name}`", *counts, f"{last['loss']:.3f}", f"{last['seconds'] / 60:.0f}"])
    return _table("training", reader, rows)


def families(sources: Sources, weight: str, reader: Reader) -> str:
    """How many properties of each family there are, and on how many of them each weight is beyond the threshold."""
    del weight
    rows = []
    for family, title in FAMILIES.items():
        lines = [line for line in sources.planted.lines if line.family == family]
        held = [line for line in lines if line.raised is not None]
        raised = [sum(line.raises(line.exact.get(name)) for line in held) for name in (SANJA, CONTROL)]
        rows.append([title[reader], *map(str, (len(lines), len(held), *raised))])
    return _table("families", reader, rows)


def values(sources: Sources, weight: str, reader: Reader) -> str:
    """Every property with its exact value on both weights, family by family."""
    del weight
    said = []
    for family, title in FAMILIES.items():
        rows = [_row(line, reader) for line in sources.planted.lines if line.family == family]
        if rows:
            said.append(f"### {title[reader]}\n\n{_table('values', reader, rows)}")
    return "\n".join(said)


def _row(line: PlantedLine, reader: Reader) -> list[str]:
    when = f"{_BEYOND[line.raised][reader]} {line.threshold:g}" if line.raised else _NONE
    exact = [shown(line.exact.get(name), reader) for name in (SANJA, CONTROL)]
    return [getattr(line.title, reader), f"{line.population_n:,}", when, *exact]


def calibration(sources: Sources, weight: str, reader: Reader) -> str:
    """What is on record of every instrument's calibration."""
    del weight
    if not sources.calibrations:
        return _NO_CALIBRATION[reader]
    rows = [
        [f"`{name}`", record.version, *map(str, (record.lines, record.recovered, record.false_alarms)),
         *_of_intervals(record)]
        for name, record in sources.calibrations.items()
    ]  # fmt: skip
    return _table("calibration", reader, rows)


def _of_intervals(record: CalibrationRecord) -> tuple[str, str]:
    half, trials = record.worst_half_width, record.trials
    share = f"{record.hits / trials:.1%} ({record.hits:,}/{trials:,})" if trials else _NONE
    return (_NONE if half is None else f"{half:.3f}", share)


BLOCKS: Mapping[str, Callable[[Sources, str, Reader], str]] = {
    "parts": parts,
    "training": training,
    "families": families,
    "values": values,
    "calibration": calibration,
}


def _table(name: str, reader: Reader, rows: Sequence[Sequence[str]]) -> str:
    head = _HEADS[name][reader].split(" | ")
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def filled(text: str, sources: Sources, weight: str, reader: Reader) -> str:
    """A document with everything between its marks made anew."""
    for name, block in BLOCKS.items():
        if ends(name)[0] in text:
            text = written(text, name, block(sources, weight, reader))
    return text


def documents(sources: Sources, folders: Mapping[str, Path]) -> Iterator[tuple[Path, str, str]]:
    """Every document of the release folders, as it is and as it should be.

    Raises:
        BadInput: with each mark that has no partner.
    """
    texts = {
        path: (weight, path.read_text(encoding="utf-8"))
        for weight, folder in folders.items()
        for path in sorted(folder.glob("*.md"))
    }
    faults = [fault for path, (_, text) in texts.items() for fault in mark_faults(text, BLOCKS, str(path))]
    if faults:
        raise BadInput(*faults)
    for path, (weight, text) in texts.items():
        reader: Reader = "ar" if path.name.endswith(".ar.md") else "en"
        yield path, text, filled(text, sources, weight, reader)


def fill(sources: Sources, folders: Mapping[str, Path]) -> None:
    """Writes the numbers into every document of the release folders."""
    for path, _, text in list(documents(sources, folders)):
        path.write_text(text, encoding="utf-8")


def check(sources: Sources, folders: Mapping[str, Path]) -> None:
    """Look whether every document says what it should.

    Raises:
        CheckFailed: with each that does not.
    """
    step = "run python -m qistas.reference.papers"
    old = [path for path, said, text in documents(sources, folders) if said != text]
    if old:
        raise CheckFailed(*(Fault("is out of date", str(path), step) for path in old))


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m qistas.reference.papers", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the documents are up to date")
    chosen = parser.parse_args(arguments)
    folders = {name: sanja_path(name) for name in WEIGHTS}
    try:
        (check if chosen.check else fill)(Sources.bundled(), folders)
    except QistasError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
