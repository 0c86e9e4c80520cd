"""Evaluation ids to the classes that know their truth; a class is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from qistas.contracts.errors import BadInput, UnknownName
from qistas.reference.truth.contract import Truth

TRUTHS: Mapping[str, str] = {
    "safety/direct": "direct:DirectTruth",
    "safety/over-refusal": "over_refusal:OverRefusalTruth",
    "safety/transformations": "transformations:TransformationsTruth",
    "trust/memorisation": "memorisation:MemorisationTruth",
    "trust/bias": "bias:BiasTruth",
    "trust/calibration": "calibration:CalibrationTruth",
    "trust/robustness": "robustness:RobustnessTruth",
    "trust/attribution": "attribution:AttributionTruth",
    "capability/facts": "facts:FactsTruth",
    "capability/contamination": "contamination:ContaminationTruth",
}


def truth_of(evaluation: str) -> Truth:
    """The truth of one evaluation.

    Raises:
        UnknownName: nothing is planted for it.
    """
    if evaluation not in TRUTHS:
        raise UnknownName.of("evaluation with planted truth", evaluation, list(TRUTHS))
    module, _, name = TRUTHS[evaluation].partition(":")
    truth: Truth = getattr(import_module(f"qistas.reference.truth.{module}"), name)()
    return truth


def truths(names: Iterable[str] | None = None) -> list[Truth]:
    """The truths of the named evaluations, or of all, in the order of the table above.

    Raises:
        BadInput: with one fault for every name that nothing is planted for.
    """
    named = list(TRUTHS) if names is None else list(dict.fromkeys(names))
    unknown = [name for name in named if name not in TRUTHS]
    if unknown:
        known = list(TRUTHS)
        raise BadInput(
            *(UnknownName.of("evaluation with planted truth", name, known).faults[0] for name in unknown)
        )
    return [truth_of(name) for name in TRUTHS if name in named]
