"""A judge's card, read from the calibration record beside its code."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from qistas.contracts.records import JudgeCard


@cache
def calibration_record(name: str) -> dict[str, Any]:
    """The calibration record ``NAME.calibration.yaml`` as plain data."""
    from ruamel.yaml import YAML

    text = files("qistas.judges").joinpath(f"{name}.calibration.yaml").read_text(encoding="utf-8")
    record = YAML(typ="safe", pure=True).load(text)
    return dict(record)


def rule_card(name: str, identifier: str, version: str) -> JudgeCard:
    """The card of the rule judge whose record is ``NAME.calibration.yaml``."""
    record = calibration_record(name)
    return JudgeCard(
        id=identifier,
        version=version,
        rule=True,
        calibration=record["calibration"],
        calibration_reason=record["reason"],
    )
