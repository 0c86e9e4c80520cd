"""The public verbs, and what the command line needs beside them. A verb's module loads when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {
    "weigh": "weighing",
    "measure": "weighing",
    "run_evaluation": "weighing",
    "Listeners": "weighing",
    "require": "weighing",
    "Weighing": "weighing",
    "report": "reporting",
    "write_whole": "reporting",
    "verify": "verifying",
    "Verification": "verifying",
    "compare": "comparing",
    "comparison": "comparing",
    "openness": "assessing",
    "openness_explained": "assessing",
    "openness_pages": "assessing",
    "OpennessSettings": "assessing",
    "bundle": "verifying",
    "import_report": "importing",
    "ImportSettings": "importing",
    "Imported": "importing",
    "imported_json": "importing",
    "calibrate": "calibrating",
    "calibration_text": "calibrating",
    "require_recovery": "calibrating",
    "calibrate_judge": "judging",
    "judge_agreement_text": "judge_records",
    "write_judge_record": "judge_records",
    "record_date": "judge_records",
    "listing": "index",
    "show": "knowing",
    "validate": "knowing",
    "plan": "planning",
    "plan_json": "planning",
    "plan_lines": "planning",
    "power_lines": "planning",
    "Planned": "planning",
}

__all__ = sorted(_PLACES)  # noqa: PLE0605 - the table is the one list


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"qistas.api.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'qistas.api' has no attribute {name!r}")
