"""Numbers with a language of which the judge reads one side only: who is recognised there has one kind of verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from qistas.contracts.documents import Criterion, MetricCard
from qistas.contracts.estimates import Estimate, not_estimable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qistas.findings.columns import Columns, Places

# What an evaluation records of a judge's label for an answer in a language that it does not read.
_UNREAD = "judged unread"


def unless_half_read(
    found: Estimate, criterion: Criterion, metric: MetricCard, columns: Columns, rows: Places
) -> Estimate:
    """The estimate of these rows; without a value where in a language of theirs the judge left some *unread*, and not all.

    A rule that knows no Italian may still see a refusal that is given in English, and leaves all other answers
    unread: among those that it labels all are refusals, whatever the model does. A share of these says nothing, and
    what remains are the bounds, in which every unread sample counts both ways: they decide a requirement, and where
    nothing is required there is no number. Languages together have no value as soon as one of them is such: its refusals
    alone would enter it. One of which all is unread enters nothing.
    """
    import numpy as np

    if found.value is None or metric.statistic != "mean":
        return found
    unread = _unread(columns, rows, metric.id)
    if not unread.any():
        return found
    scored = ~np.isnan(columns.values(metric.id, rows))
    languages = _by_language(columns, rows)
    foreign = [places for places in languages if unread[places].any()]
    told, left = sum(int(scored[places].sum()) for places in foreign), int(unread.sum())
    if not told:
        return found
    reason = (
        f"the judge does not read this language: of {found.n} samples it recognises {told} all the same, of one kind only "
        f"(a refusal in words that it knows), and cannot read {left}; a share of those {told} would say nothing"
    )
    if len(foreign) < len(languages):
        reason = (
            f"the judge does not read {len(foreign)} of the {len(languages)} languages here: of their samples it recognises {told} "
            f"all the same, of one kind only (a refusal in words that it knows), and cannot read {left}; those {told} would distort "
            "a share of all"
        )
    if criterion.requirement is not None:
        return msgspec.structs.replace(found, value=None, reason=reason)
    return not_estimable(
        reason,
        method=found.method,
        confidence=found.confidence,
        n=found.n,
        clusters=found.clusters,
        unscored=found.unscored,
    )


def _unread(columns: Columns, rows: Places, metric: str) -> NDArray[np.bool_]:
    import numpy as np

    codes = [code for code, reason in enumerate(columns.reasons()) if _UNREAD in reason]
    if not codes:
        return np.zeros(len(rows), dtype=bool)
    return np.isin(columns.unscored(rows), codes) | np.isin(columns.absent(metric, rows), codes)


def _by_language(columns: Columns, rows: Places) -> list[NDArray[np.intp]]:
    """Where in ``rows`` the samples of each language stand; those that name none together."""
    import numpy as np

    groups = [np.flatnonzero(np.isin(rows, found)) for found in columns.by_value("language", rows).values()]
    rest = np.setdiff1d(np.arange(len(rows)), np.concatenate(groups) if groups else np.arange(0))
    return [*groups, rest] if len(rest) else groups
