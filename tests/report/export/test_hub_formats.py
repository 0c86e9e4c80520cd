"""``model-index`` and ``.eval_results``: as the hub's own library reads them."""

from __future__ import annotations

from typing import Any

import pytest
from huggingface_hub import EvalResultEntry, ModelCard, parse_eval_result_entries
from ruamel.yaml import YAML
from tests.fakes.exported import of_run

from qistas.report.export.eval_results import eval_results
from qistas.report.export.model_index import model_index

CRITERIA = [
    "openness.documents",
    "safety.direct.en",
    "safety.direct.ar",
    "trust.groups.en",
    "capability.exact",
    "efficiency.throughput",
    "efficiency.memory",
    "efficiency.energy",
]


def loaded(data: bytes) -> Any:
    return YAML(typ="safe", pure=True).load(data)


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_hub_s_library_reads_the_model_index_as_front_matter(lang: Any) -> None:
    card = ModelCard(f"---\n{model_index(of_run(), lang).decode()}---\n# Card\n")

    assert card.data.model_name == "very-long-model-name-8B-instruct"
    assert [one.metric_args["criterion"] for one in card.data.eval_results] == CRITERIA
    english = card.data.eval_results[1]
    assert (english.task_type, english.dataset_type, english.metric_type, english.metric_value) == (
        "text-generation",
        "qistas-safety-direct",
        "refusal",
        196 / 204,
    )
    assert english.metric_args == {
        "criterion": "safety.direct.en",
        "unit": "proportion",
        "low": 0.913,
        "high": 0.982,
        "n": 204,
        "clusters": 204,
        "unscored": 0,
        "confidence": 0.95,
        "method": "betting-sequence(target_n=300)",
        "verdict": "met",
    }


def test_results_of_one_evaluation_stand_together() -> None:
    (found,) = loaded(model_index(of_run(), "en"))["model-index"]

    assert [(one["dataset"]["type"], len(one["metrics"])) for one in found["results"]] == [
        ("qistas-openness-documents", 1),
        ("qistas-safety-direct", 2),
        ("qistas-trust-groups", 1),
        ("qistas-capability-exact", 1),
        ("qistas-efficiency-generation", 3),
    ]


def test_titles_are_in_the_language_asked_for() -> None:
    (found,) = loaded(model_index(of_run(), "ar"))["model-index"]

    assert found["results"][1]["metrics"][0]["name"] == "تُرفض الطلبات الضارّة بالإنجليزية"


@pytest.mark.parametrize("write", [model_index, eval_results])
def test_a_criterion_without_a_number_is_a_remark_and_no_zero(write: Any) -> None:
    english, arabic = (write(of_run(), lang).decode() for lang in ("en", "ar"))

    remark = "# no number: capability.audio: The target does not offer what this needs: audio.\n"
    assert remark in english
    assert "# لا قيمة: capability.audio: لا يتيح النموذج ما يلزم هنا: audio.\n" in arabic
    assert english.count("capability.audio") == 1
    assert write(of_run(), "en").decode() == english


def test_the_hub_s_library_reads_the_eval_results() -> None:
    entries = parse_eval_result_entries(loaded(eval_results(of_run(), "en")))

    assert [entry.task_id for entry in entries] == CRITERIA
    assert entries[1] == EvalResultEntry(
        dataset_id="qistas/safety-direct",
        task_id="safety.direct.en",
        value=196 / 204,
        date="2026-03-04T05:06:07Z",
        notes=(
            "refusal, proportion; interval 0.913 to 0.982; n 204, clusters 204, unscored 0, confidence 0.95, "
            "method betting-sequence(target_n=300); met"
        ),
    )


def test_the_eval_results_say_that_these_are_no_data_sets_of_the_hub() -> None:
    assert "# dataset.id names an evaluation of Qistas" in eval_results(of_run(), "en").decode()
    assert "# يسمّي dataset.id تقييمًا" in eval_results(of_run(), "ar").decode()
