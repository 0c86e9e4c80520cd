"""A criterion's number corrected for the errors of its judge, as far as people's labels say how often it errs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from qistas.contracts.documents import Criterion, EvaluationCard, MetricCard, Text
from qistas.contracts.estimates import Estimate
from qistas.contracts.records import JudgeCard
from qistas.findings import judge_words as words
from qistas.findings.estimating import columns_of_metric, design_of, metric_of
from qistas.findings.judge_records import by_definition, cell_of, errors_in, languages_of

if TYPE_CHECKING:
    from qistas.findings.columns import Columns, Places
    from qistas.findings.estimating import Numbers
    from qistas.stats.judge_error import JudgeErrors

# Whether any of several attempts succeeded: no single verdict, though judges' labels may be what it is made of.
_OF_SEVERAL = "attack_success_any"
_FAMILIES = ("attack", "transformation")


class Correction(NamedTuple):
    """The corrected number and the errors it was corrected with, or why there is none; empty: nothing to correct."""

    corrected: Estimate | None = None
    corrected_with: Text | None = None
    not_corrected: Text | None = None


def correction_of(
    criterion: Criterion,
    card: EvaluationCard,
    judge: JudgeCard | None,
    estimate: Estimate,
    columns: Columns,
    rows: Places,
) -> Correction:
    """What the judge's errors make of ``estimate``, which these rows gave.

    Corrected is a mean of single verdicts whose labels count as 0 or 1, with the errors of the same judge in the same
    language and, for requests under attacks, in the same family: how often a judge is wrong differs between them
    (`corrected_rate`; `corrected_sequence` where looking may have stopped early).
    """
    metric = metric_of(card, criterion)
    if judge is None or by_definition(judge) or not estimate.estimable or metric.bounds is None:
        return Correction()
    if judge.calibration is None:
        return Correction(not_corrected=words.UNCALIBRATED)
    known = _known_errors(criterion, card, judge, metric, columns, rows)
    if isinstance(known, Text):
        return Correction(not_corrected=known)
    applies, (values,) = columns_of_metric(columns, rows, metric)
    if not _verdicts(values):
        return Correction(not_corrected=words.NO_VERDICTS)
    import numpy as np

    from qistas.stats.judge_error import LEAST_YOUDEN, corrected_column
    from qistas.stats.judge_sequence import corrected_sequence

    if design_of(card, criterion) == "sequence":
        found = corrected_sequence(estimate, known)
    else:
        clusters = columns.clusters(rows)[applies].astype(np.int64)
        found = corrected_column(values[applies], clusters, known, confidence=criterion.confidence)
    if found.estimable:
        return Correction(found, words.errors_used(known))
    if _tells_little(known):
        return Correction(not_corrected=words.too_little(known, LEAST_YOUDEN))
    return Correction(not_corrected=words.not_estimable(str(found.reason)))


def _known_errors(
    criterion: Criterion,
    card: EvaluationCard,
    judge: JudgeCard,
    metric: MetricCard,
    columns: Columns,
    rows: Places,
) -> JudgeErrors | Text:
    """The errors that are behind the number, or why they are not known."""
    languages = _languages(criterion, card, columns, rows)
    cells = {language: cell_of(judge.calibration, language) for language in languages}
    if missing := [language for language, cell in cells.items() if cell is None]:
        return words.no_labels(missing)
    worth = metric.labels or {}
    if metric.statistic != "mean" or metric.id == _OF_SEVERAL or set(worth.values()) != {0.0, 1.0}:
        return words.NO_VERDICTS
    families = _families(card, columns, rows)
    labelled = [_labels(cell, families) for cell in cells.values() if cell is not None]
    errors = [errors_in(judge.calibration or {}, cell, worth) for cell, _ in labelled]
    first = errors[0]
    if first is None or None in errors:
        return words.OTHER_LABELS
    if any(one != first for one in errors):
        return words.several_languages(languages)
    return first if _tells_little(first) or all(same for _, same in labelled) else words.OTHER_REQUESTS


def _tells_little(errors: JudgeErrors) -> bool:
    """Whether the judge would not do for any request."""
    from qistas.stats.judge_error import LEAST_YOUDEN

    return bool(errors.positives and errors.negatives) and errors.youden < LEAST_YOUDEN


def _labels(cell: Mapping[str, Any], families: Sequence[str]) -> tuple[Mapping[str, Any], bool]:
    """(those labels in a language that are of the one family asked for, else all; whether all families are labelled)."""
    attacks = cell.get("attacks")
    attacks = attacks if isinstance(attacks, dict) else {}
    if len(families) == 1 and isinstance(attacks.get(families[0]), dict):
        return attacks[families[0]], True
    return cell, set(families) <= set(attacks)


def _languages(criterion: Criterion, card: EvaluationCard, columns: Columns, rows: Places) -> tuple[str, ...]:
    """The languages of the requests; where the samples do not say, those that the card's prompts are written in."""
    chosen = criterion.where.get("language")
    if chosen is not None:
        return (chosen,)
    found = columns.by_value("language", rows)
    if found and sum(map(len, found.values())) == len(rows):
        return tuple(found)
    return languages_of(criterion, card)


def _families(card: EvaluationCard, columns: Columns, rows: Places) -> list[str]:
    """The families of attacks that the requests are of."""
    found = [family for stratum in _FAMILIES for family in columns.by_value(stratum, rows)]
    if not found and isinstance(card.attack, str):
        return [card.attack]
    # What another tool reports are results of attacks, whether or not it says which.
    return found or (["reported"] if card.kind == "reported" else [])


def _verdicts(values: Numbers) -> bool:
    import numpy as np

    return bool((np.isnan(values) | (values == 0.0) | (values == 1.0)).all())
