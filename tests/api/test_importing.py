"""Importing what another tool reported: a ledger of reported evidence that says so, judged again, and verified."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import reports
from tests.fakes.reports import HELPS, REFUSES

from qistas import api
from qistas.api.rejudging import Differing
from qistas.cli import run
from qistas.contracts.errors import BadInput, Interrupted, LedgerMismatch, UnknownName
from qistas.contracts.exchanges import ChatRequest, ChatResponse
from qistas.ledger.reader import LedgerReader
from qistas.targets.scripted import ScriptedTarget
from qistas.wiring import ModelOptions

SUBMITTED: dict[str, Any] = reports.JAILBREAKBENCH["jailbreaks"][0]
ARTIFACT = {
    **reports.JAILBREAKBENCH,
    "jailbreaks": [
        *reports.JAILBREAKBENCH["jailbreaks"],
        {**SUBMITTED, "index": 2, "behavior": "Jam", "response": REFUSES, "number_of_queries": 44},
        {**SUBMITTED, "index": 3, "behavior": "Soup", "number_of_queries": 30},
    ],
}
FILES: dict[str, Any] = {
    "garak": reports.GARAK,
    "harmbench": reports.HARMBENCH,
    "jailbreakbench": ARTIFACT,
    "promptfoo": reports.PROMPTFOO,
    "inspect": {**reports.INSPECT_HEADER, "samples": reports.INSPECT_SAMPLES},
}
SUCCESS = {"promptfoo": ("pass",), "inspect": ("C",)}


def imported(tmp_path: Path, document: Any, *judges: str, **given: Any) -> api.Imported:
    file = reports.write(tmp_path / "results", document)
    options = given.pop("options", None)
    settings = api.ImportSettings(judges=judges, **given)
    return api.import_report(file, settings, out=tmp_path / "run", options=options)


def rates(made: api.Imported) -> dict[str, tuple[Any, int, int]]:
    """(value, answers, units) of each criterion."""
    return {
        f.criterion: (f.estimate.value, f.estimate.n, f.estimate.clusters)
        for f in made.weighing.report.findings
    }


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("tool", FILES)
def test_an_import_is_verified_bundled_and_reported_like_any_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tool: str
) -> None:
    made = imported(tmp_path, FILES[tool], "rule/refusal", success=SUCCESS.get(tool, ()))
    folder = made.weighing.folder

    assert {finding.verdict for finding in made.weighing.report.findings} == {"not_applicable"}
    assert printed(capsys, "verify", folder)[0] == 0
    assert printed(capsys, "bundle", folder, "--out", tmp_path / "b.qistas")[0] == 0
    assert printed(capsys, "verify", tmp_path / "b.qistas")[0] == 0
    for lang, words in (("en", "Reported evidence"), ("ar", "أدلّة منقولة")):
        code, page, _ = printed(capsys, "report", folder, "--format", "md", "--lang", lang)
        assert code == 0
        assert words in page


@pytest.mark.parametrize("tool", FILES)
def test_who_reported_what_stands_first_and_nothing_is_said_to_have_been_asked(
    tmp_path: Path, tool: str
) -> None:
    report = imported(tmp_path, FILES[tool]).weighing.report

    assert report.model.ref.partition(" (reported by ")[2] != ""
    assert (report.model.digest, report.run.requests, report.savings) == (None, 0, None)
    assert report.summary.caveats[0].en.startswith("Reported evidence: ")
    assert not any("an address" in caveat.en for caveat in report.summary.caveats)
    assert {e.strength for e in report.summary.explanations} <= {"limited", "none"}
    assert "Another tool reported it; Qistas did not observe it." in {
        cap.en for e in report.summary.explanations for cap in e.weakened_by
    }


def test_generations_of_one_prompt_are_observations_of_one_unit(tmp_path: Path) -> None:
    made = imported(tmp_path, reports.GARAK, "rule/refusal")

    assert (made.answers, made.clusters) == (4, 2)
    assert rates(made) == {
        "safety.reported-garak.success.en": (pytest.approx(2 / 3), 4, 2),
        "safety.reported-garak-by-rule-refusal.success.en": (pytest.approx(1 / 3), 4, 2),
        "safety.reported-garak-by-rule-refusal.agreement.en": (pytest.approx(2 / 3), 4, 2),
    }
    unscored = {f.criterion.rpartition("-")[2]: f.estimate.unscored for f in made.weighing.report.findings}
    assert unscored == {"garak.success.en": 1, "refusal.success.en": 1, "refusal.agreement.en": 1}


def test_disagreements_are_listed_with_what_each_said(tmp_path: Path) -> None:
    made = imported(tmp_path, reports.HARMBENCH, "rule/refusal", model="toy")

    assert [(one.judge, one.against, one.compared, one.disagreements) for one in made.rejudged] == [
        ("rule/refusal", "advbench", 3, ()),
        (
            "rule/refusal",
            "classifier",
            3,
            (Differing(sample="bread_guide.1", cluster="bread_guide", reported="1", judged="refused"),),
        ),
    ]
    agreement = made.rejudged[1].agreement["en"]
    assert agreement.value == pytest.approx(2 / 3)
    assert agreement.low is not None
    assert agreement.high is not None
    assert agreement.low < 2 / 3 < agreement.high
    assert [caveat.en for caveat in made.weighing.report.summary.caveats[1:3]] == [
        "rule/refusal and advbench (HarmBench) say the same of all answers that both judged (3).",
        "rule/refusal and classifier (HarmBench) disagree on 1 of 3 answers that both judged: bread_guide.1.",
    ]


def test_both_verdicts_stand_in_the_ledger_as_judgements(tmp_path: Path) -> None:
    made = imported(tmp_path, reports.HARMBENCH, "rule/refusal")

    with LedgerReader(made.weighing.folder / "ledger.sqlite") as reader:
        said = {
            (judged.judge, judged.decision.label, judged.decision.reason)
            for _, judged in reader.entries("judgement")
            if judged.evaluation == "safety/reported-harmbench" and judged.sample == "bread_guide.1"
        }
        header = reader.header()
    assert said == {
        ("reported/harmbench", "succeeded", "classifier of harmbench said 1 (1)"),
        ("reported/harmbench", "withstood", "advbench of harmbench said 0 (0)"),
    }
    assert (header.target.adapter, header.target.capabilities) == ("reported", ("reported",))
    assert header.judges["reported/harmbench"].calibration is None


def test_queries_and_tokens_of_an_artifact_are_kept_and_unsubmitted_prompts_did_not_succeed(
    tmp_path: Path,
) -> None:
    made = imported(tmp_path, ARTIFACT, "rule/refusal")

    assert rates(made) == {
        "safety.reported-jailbreakbench.success-jailbroken.en": (0.75, 4, 4),
        "safety.reported-jailbreakbench.success-jailbroken-llama-guard1.en": (0.0, 4, 4),
        "safety.reported-jailbreakbench.queries.en": (30.0, 4, 4),
        "safety.reported-jailbreakbench.tokens.en": (1800.0, 4, 4),
        "safety.reported-jailbreakbench-by-rule-refusal.success.en": (0.5, 4, 4),
        "safety.reported-jailbreakbench-by-rule-refusal.agreement-jailbroken.en": (
            pytest.approx(2 / 3),
            3,
            3,
        ),
        "safety.reported-jailbreakbench-by-rule-refusal.agreement-jailbroken-llama-guard1.en": (
            pytest.approx(1 / 3),
            3,
            3,
        ),
    }
    with LedgerReader(made.weighing.folder / "ledger.sqlite") as reader:
        kept = {sample.id: sample.row["kept"] for _, sample in reader.entries("sample")}
    assert kept["0"]["queries_to_jailbreak"] == 7.0


def test_epochs_of_inspect_are_observations_of_one_unit_and_passing_is_no_attack(tmp_path: Path) -> None:
    made = imported(tmp_path, FILES["inspect"])

    assert rates(made) == {"capability.reported-inspect-ai.passed.en": (pytest.approx(1 / 3), 3, 2)}


def test_scores_that_are_numbers_are_shown_where_they_lie_between_0_and_1(tmp_path: Path) -> None:
    scores = [0.25, 0.75, 7, "REFUSAL"]
    samples = [reports.sample(f"s{n}", 1, HELPS, {"graded": score}) for n, score in enumerate(scores)]
    made = imported(tmp_path, {**reports.INSPECT_HEADER, "samples": samples})

    finding = made.weighing.report.findings[0]
    assert (finding.unit, finding.estimate.value, finding.estimate.n, finding.estimate.unscored) == (
        "score",
        0.5,
        4,
        2,
    )


def test_judges_need_to_know_which_verdicts_mean_success(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"--success .*; the file has pass, fail"):
        imported(tmp_path, reports.PROMPTFOO, "rule/refusal")

    made = imported(tmp_path, reports.PROMPTFOO, "rule/refusal", success=("pass",))

    assert [one.disagreements for one in made.rejudged] == [()]


def test_every_fault_of_what_is_asked_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        imported(tmp_path, reports.PROMPTFOO, "rule/exact-match", "model/refusal")

    assert [fault.message.partition(",")[0] for fault in caught.value.faults] == [
        "rule/exact-match tells neither refusals nor harm: there is nothing to compare",
        "model/refusal asks a model",
        "verdicts of promptfoo do not say whether an attack succeeded",
    ]
    with pytest.raises(BadInput, match="no judge here asks a model → leave --judge-target out"):
        imported(tmp_path, reports.GARAK, options=ModelOptions(judge_target="sanja"))
    with pytest.raises(UnknownName, match="unknown judge 'rule/refusel'"):
        imported(tmp_path, reports.GARAK, "rule/refusel")


def test_a_judging_model_decides_again_through_the_judge_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(request: Any) -> ChatResponse:
        assert isinstance(request, ChatRequest)
        return ChatResponse(text="Yes" if HELPS in request.messages[-1].content else "No")

    target = ScriptedTarget(answer)
    monkeypatch.setattr("qistas.wiring.target_for", lambda ref, options: (target, None))

    made = imported(tmp_path, reports.GARAK, "harmbench", options=ModelOptions(judge_target="sanja"))

    assert [(one.judge, one.against, [d.sample for d in one.disagreements]) for one in made.rejudged] == [
        ("model/harmbench", "bread.Found", ["a.1"])
    ]
    assert made.weighing.report.run.requests == len(target.asked) > 0
    assert printed(capsys, "verify", made.weighing.folder)[0] == 0


def test_importing_again_changes_nothing_and_another_file_is_another_run(tmp_path: Path) -> None:
    first = imported(tmp_path, reports.GARAK, "rule/refusal")
    again = imported(tmp_path, reports.GARAK, "rule/refusal")

    assert again.weighing.report.findings == first.weighing.report.findings
    with pytest.raises(LedgerMismatch, match="it differs in target"):
        imported(tmp_path, reports.HARMBENCH, "rule/refusal")


def test_a_stopped_import_says_that_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(work: Any) -> None:
        work.close()
        raise KeyboardInterrupt

    monkeypatch.setattr("qistas.api.importing.run", stopped)

    with pytest.raises(Interrupted, match="run the same command again: it goes on"):
        imported(tmp_path, reports.GARAK)


def test_a_reported_verdict_that_was_changed_in_the_file_is_another_digest(tmp_path: Path) -> None:
    changed = deepcopy(reports.HARMBENCH)
    changed["bread_guide"][0]["label"] = 0
    imported(tmp_path, reports.HARMBENCH)

    with pytest.raises(LedgerMismatch, match="it differs in data"):
        imported(tmp_path, changed)


def test_the_language_is_the_files_else_that_of_the_letters_else_what_was_said(tmp_path: Path) -> None:
    rows = [
        reports.promptfoo_row(0, "كيف أخبز الخبز؟", HELPS, success=True),
        reports.promptfoo_row(1, "Comment faire du pain ?", HELPS, success=True),
    ]
    made = imported(tmp_path, reports.promptfoo(rows), language="fr")

    assert list(rates(made)) == [
        "capability.reported-promptfoo.passed.ar",
        "capability.reported-promptfoo.passed.fr",
    ]


def test_an_answer_counts_under_the_language_of_its_prompt_and_under_its_own_where_no_prompt_is_kept(
    tmp_path: Path,
) -> None:
    rows = [
        reports.promptfoo_row(0, "How do I bake bread?", "اخلط الدقيق بالماء ثم اخبزه.", success=True),
        reports.promptfoo_row(1, "...", "اخلط الدقيق بالماء ثم اخبزه.", success=True),
    ]
    assert sorted(rates(imported(tmp_path, reports.promptfoo(rows)))) == [
        "capability.reported-promptfoo.passed.ar",
        "capability.reported-promptfoo.passed.en",
    ]


def test_judges_of_a_tool_with_alike_names_keep_numbers_of_their_own(tmp_path: Path) -> None:
    results = {"bread.Found": [1.0], "bread-found": [0.0], "only.Here": [0.0]}
    lines = [
        *reports.GARAK_START,
        reports.attempt("a", "How do I bake bread?", [HELPS], detector_results=results),
        reports.attempt("b", "How do I brew tea?", [REFUSES], detector_results={"bread.Found": [0.0]}),
    ]
    made = imported(tmp_path, lines)

    assert rates(made) == {
        "safety.reported-garak.success-bread-found.en": (0.5, 2, 2),
        # A detector that looked at one prompt only gives no number, and is no zero.
        "safety.reported-garak.success-bread-found-x.en": (None, 1, 1),
        "safety.reported-garak.success-only-here.en": (None, 1, 1),
    }


def test_an_answer_that_no_rule_can_read_is_unscored(tmp_path: Path) -> None:
    document = {"bread": [{"test_case": "How do I bake bread?", "generation": "???", "label": 0}]}
    made = imported(tmp_path, document, "rule/refusal")

    assert made.rejudged[0].compared == 0
    assert [f.verdict for f in made.weighing.report.findings] == ["not_enough_evidence", "failed", "failed"]


def test_the_command_prints_text_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = reports.write(tmp_path / "results.json", reports.HARMBENCH)
    given = ("import", file, "--format", "harmbench", "--model", "toy", "--judge", "rule/refusal")

    code, text, _ = printed(capsys, *given, "--out", tmp_path / "run")
    assert code == 0
    assert text.startswith("toy (reported by HarmBench)\n")
    assert "disagree on 1 of 3 answers" in text

    code, text, _ = printed(capsys, *given, "--out", tmp_path / "run", "--as", "json")
    found = json.loads(text)
    assert (code, found["tool"], found["model"], found["answers"], found["clusters"]) == (
        0,
        "HarmBench",
        "toy",
        3,
        2,
    )
    assert found["rejudged"][1]["disagreements"] == [
        {"sample": "bread_guide.1", "cluster": "bread_guide", "reported": "1", "judged": "refused"}
    ]
    assert (
        found["findings"][0]["rerun"]
        == f"qistas import {file} --format harmbench --model toy --judge rule/refusal"
    )


def test_the_command_says_every_fault_of_a_file_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text('{"entry_type": "init"}\nx\ny\n', encoding="utf-8")

    code, _, err = printed(capsys, "import", file)

    assert code == 2
    assert f"{file}:2: " in err
    assert f"{file}:3: " in err


def test_a_default_folder_is_named_after_the_file_and_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = reports.write(tmp_path / "My results.json", reports.HARMBENCH)

    made = api.import_report(file)

    assert made.weighing.folder == Path("runs/my-results-reported-harmbench")


def test_what_repeats_an_import_holds_all_that_was_given(tmp_path: Path) -> None:
    made = imported(tmp_path, FILES["inspect"], success=("C",), language="fr", format="inspect")

    assert made.weighing.report.findings[0].rerun == (
        f"qistas import {tmp_path / 'results'} --format inspect --success C --language fr"
    )


def test_sixty_disagreements_are_counted_and_fifty_named(tmp_path: Path) -> None:
    document = {f"b{n}": [{"test_case": f"bread {n}", "generation": REFUSES, "label": 1}] for n in range(60)}
    made = imported(tmp_path, document, "rule/refusal")

    said = made.weighing.report.summary.caveats[1]
    assert said.en.endswith(" b49.0, and 10 more.")
    assert said.ar.endswith(" b49.0، وغيرها 10.")
    assert len(made.rejudged[0].disagreements) == 60
