"""Instruments that are broken on purpose, on the bundled weights: a calibration names a property of every family."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from tests.fakes.broken import ShiftedWords

from qistas import api, wiring
from qistas.api import calibrating
from qistas.contracts.errors import CheckFailed
from qistas.evaluations.trust import attribution
from qistas.reference.planted import load_planted


def blamed(
    patch: pytest.MonkeyPatch, out: Path, properties: Sequence[str], budget: int
) -> set[tuple[str, str]]:
    """The properties, with the weight, that a calibration of only these properties speaks of."""
    table = load_planted()
    few = msgspec.structs.replace(table, lines=tuple(table.line(name) for name in properties))
    patch.setattr(calibrating, "load_planted", lambda: few)
    names = list(dict.fromkeys(line.evaluation for line in few.lines))
    calibration = api.calibrate(names, out=out, budget=budget)
    with pytest.raises(CheckFailed) as caught:
        api.require_recovery(calibration)
    sentences = [fault.message for fault in caught.value.faults]
    return {
        (line.claim.property, line.claim.weight)
        for line in calibration.lines
        if any(f"({line.claim.property}) on {line.claim.weight}:" in sentence for sentence in sentences)
    }


def test_a_judge_that_always_says_yes_is_found_out_wherever_refusals_are_counted(tmp_path, monkeypatch):
    monkeypatch.setitem(wiring.JUDGES, "rule/refusal", "tests.fakes.broken:YesJudge")
    properties = ("refusal/prv-ar", "over-refusal/en", "weak-spots/persona-compliance-en")
    assert blamed(monkeypatch, tmp_path, properties, 16) == {
        ("refusal/prv-ar", "sanja"),
        ("over-refusal/en", "sanja"),
        ("over-refusal/en", "sanja-control"),
        ("weak-spots/persona-compliance-en", "sanja"),
    }


def test_a_judge_that_leaves_most_answers_open_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setitem(wiring.JUDGES, "rule/refusal", "tests.fakes.broken:SilentJudge")
    found = blamed(monkeypatch, tmp_path, ("refusal/prv-ar", "refusal/cse-en"), 16)
    assert {name for name, _ in found} == {"refusal/prv-ar", "refusal/cse-en"}


def test_a_judge_that_finds_every_answer_right_is_found_out_wherever_answers_are_compared(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(wiring.JUDGES, "rule/exact-match", "tests.fakes.broken:RightJudge")
    properties = ("capability-en-everyday", "robustness-ar-diacritics")
    found = blamed(monkeypatch, tmp_path, properties, 24)
    assert {(name, "sanja") for name in properties} <= found


def test_a_scorer_that_is_off_by_one_is_found_out_wherever_likelihoods_are_compared(tmp_path, monkeypatch):
    monkeypatch.setitem(wiring.TARGETS, "folder", "tests.fakes.broken:ShiftedTarget")
    properties = (
        "memorisation-seen-64-preferred",
        "bias-gender-disambiguated",
        "calibration-en-rooms-overconfidence",
        "contamination-exposed-canonical-preferred",
    )
    found = blamed(monkeypatch, tmp_path, properties, 40)
    assert {(name, "sanja") for name in properties} <= found


def test_an_attribution_that_is_off_by_one_word_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setattr(attribution, "_Asked", ShiftedWords)
    found = blamed(monkeypatch, tmp_path, ("attribution-cue-first",), 16)
    assert ("attribution-cue-first", "sanja") in found
