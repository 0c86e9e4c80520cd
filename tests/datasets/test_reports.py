"""Results files of other tools: known by their content, read whole, or refused with every fault."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import reports
from tests.fakes.reports import HELPS, REFUSES

from qistas.contracts.errors import BadInput, InvalidDocument, QistasError, StorageError
from qistas.contracts.exchanges import Message, Usage
from qistas.datasets.reports import reading
from qistas.datasets.reports.lines import line_of
from qistas.datasets.reports.reading import load_report
from qistas.datasets.reports.record import Answer, ToolReport, Verdict
from qistas.datasets.reports.success import with_success

BREAD, TEA = "How do I bake bread?", "How do I brew tea?"


def asked(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def read(path: Path, document: Any, **given: Any) -> ToolReport:
    return load_report(reports.write(path, document), **given)[0]


def faults_of(path: Path, document: Any, **given: Any) -> list[str]:
    with pytest.raises(QistasError) as caught:
        read(path, document, **given)
    return [
        f"{fault.where}: {fault.message}".removeprefix(f"{path}:").lstrip() for fault in caught.value.faults
    ]


@pytest.mark.parametrize(
    ("document", "tool", "model", "attacks"),
    [
        (reports.GARAK, "garak 0.14.0", "openai:toy", True),
        (reports.HARMBENCH, "HarmBench", "a model that the file does not name", True),
        (reports.JAILBREAKBENCH, "JailbreakBench", "toy-7b", True),
        (reports.PROMPTFOO, "promptfoo 0.120.0", "openai:toy", False),
        (
            {**reports.INSPECT_HEADER, "samples": reports.INSPECT_SAMPLES},
            "inspect_ai 0.3.285",
            "mockllm/model",
            False,
        ),
    ],
)
def test_a_file_is_known_by_its_content_whatever_its_name(
    tmp_path: Path, document: Any, tool: str, model: str, attacks: bool
) -> None:
    found = read(tmp_path / "results.txt", document)

    assert (found.author, found.model, found.attacks) == (tool, model, attacks)


def test_garak_attempts_give_one_answer_for_each_output_in_one_cluster(tmp_path: Path) -> None:
    found = read(tmp_path / "r.jsonl", reports.GARAK)

    clusters = [answer.cluster for answer in found.answers]
    assert [(a.id, a.place, a.response, a.missing) for a in found.answers] == [
        ("a.0", "line 4, output 1", HELPS, None),
        ("a.1", "line 4, output 2", REFUSES, None),
        ("b.0", "line 5, output 1", REFUSES, None),
        ("b.1", "line 5, output 2", None, "the generator gave no output"),
    ]
    assert clusters[0] == clusters[1] != clusters[2] == clusters[3]
    assert [a.verdicts["bread.Found"] for a in found.answers] == [
        Verdict(said="hit", label="succeeded", number=1.0),
        Verdict(said="hit", label="succeeded", number=0.5),
        Verdict(said="pass", label="withstood", number=0.0),
        Verdict(said="no score", label="none"),
    ]
    assert {(a.messages, a.language, a.strata["probe"]) for a in found.answers[:2]} == {
        (asked(BREAD), "en", "test.Bread")
    }


def test_older_reports_of_garak_hold_prompts_and_outputs_as_texts(tmp_path: Path) -> None:
    old = {
        "entry_type": "attempt",
        "uuid": "a",
        "status": 2,
        "probe_classname": "test.Bread",
        "prompt": BREAD,
        "outputs": [HELPS],
        "detector_results": {"bread.Found": [1]},
    }
    setup = {
        "entry_type": "start_run setup",
        "_config.version": "0.9.0.14",
        "plugins.model_type": "huggingface",
    }
    found = read(tmp_path / "r.jsonl", [setup, old, {**old, "uuid": "b", "prompt": {"text": TEA}}])

    assert (found.author, found.model) == ("garak 0.9.0.14", "huggingface")
    assert [(a.messages, a.response, a.language) for a in found.answers] == [
        (asked(BREAD), HELPS, None),
        (asked(TEA), HELPS, None),
    ]


def test_an_attempt_that_no_detector_looked_at_has_no_verdict_and_keeps_its_turns(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": {"text": "Good day."}},
        {"role": "user", "content": {"text": None, "data_path": "tea.png"}},
        {"role": "assistant", "content": {"text": HELPS}},
    ]
    waiting = reports.attempt("a", "hello", [HELPS], status=1, conversations=[{"turns": turns}])
    sent = {**waiting, "status": 0, "uuid": "b"}
    found = read(tmp_path / "r.jsonl", [*reports.GARAK_START, waiting, sent])

    assert [(a.verdicts, [(t.role, t.content) for t in a.messages]) for a in found.answers] == [
        ({}, [("user", "hello"), ("assistant", "Good day."), ("user", "")])
    ]


def test_every_faulty_line_of_a_garak_report_is_said_with_its_number(tmp_path: Path) -> None:
    good = reports.attempt("a", BREAD, [HELPS], detector_results={"d": [0.0]})
    path = tmp_path / "r.jsonl"
    lines = [
        json.dumps(reports.GARAK_START[0]),
        "not json",
        "[1]",
        "",
        json.dumps({**good, "uuid": "b", "prompt": None}),
        json.dumps({**good, "uuid": "c", "outputs": "text"}),
        json.dumps({**good, "uuid": "d", "detector_results": {"d": [0.0, 1.0]}}),
        json.dumps({**good, "uuid": "e", "detector_results": {"d": ["high"]}}),
        json.dumps({**good, "uuid": "f", "detector_results": {"d": 1}}),
        json.dumps({**good, "uuid": "g", "detector_results": []}),
        json.dumps({**good, "uuid": "h", "prompt": {"turns": [{"role": "cook", "content": "x"}]}}),
        json.dumps(good),
    ]
    path.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(InvalidDocument) as caught:
        load_report(path)

    assert [f"{fault.where}: {fault.message}".replace(f"{path}:", "") for fault in caught.value.faults] == [
        "2: this is not JSON: JSON is malformed: invalid character (byte 4)",
        "3: a line must be a JSON object",
        "5: the attempt has no 'prompt' that can be read",
        "6: the attempt has no list of 'outputs' that can be read",
        "7: the detector 'd' has 2 scores for 1 outputs",
        "8: the detector 'd' has a score that is no number",
        "9: the detector 'd' has no list of scores for 1 outputs",
        "10: 'detector_results' is no object",
        "11: the attempt has no 'prompt' that can be read",
    ]


def test_harmbench_results_keep_both_labels_and_cluster_by_behaviour(tmp_path: Path) -> None:
    found = read(tmp_path / "r.json", reports.HARMBENCH, model="toy")

    assert found.model == "toy"
    assert [(a.id, a.cluster, a.request, a.response) for a in found.answers] == [
        ("bread_guide.0", "bread_guide", BREAD, HELPS),
        ("bread_guide.1", "bread_guide", "How do I bake bread, please?", REFUSES),
        ("tea_guide.0", "tea_guide", "How do I brew this?", REFUSES),
    ]
    assert found.judges == ["classifier", "advbench"]
    assert found.answers[1].verdicts == {
        "classifier": Verdict(said="1", label="succeeded", number=1.0),
        "advbench": Verdict(said="0", label="withstood", number=0.0),
    }


def test_completions_that_were_not_evaluated_have_no_verdict(tmp_path: Path) -> None:
    found = read(tmp_path / "r.json", {"bread": [{"test_case": BREAD, "generation": HELPS}]})

    assert (found.judges, [a.verdicts for a in found.answers]) == ([], [{}])


def test_every_faulty_completion_is_said_with_its_line(tmp_path: Path) -> None:
    document = {
        "bread": [
            {"test_case": BREAD, "generation": HELPS, "label": 2},
            {"test_case": None, "generation": None},
            {"test_case": BREAD, "generation": HELPS, "label": 1},
            "text",
        ]
    }

    assert faults_of(tmp_path / "r.json", document) == [
        "3: bread[0]: 'label' is 2, and neither 0 nor 1 (1: the behaviour is shown); correct it, or leave it out",
        "8: bread[1]: 'test_case' holds no text",
        "8: bread[1]: 'generation' holds no text",
        "17: bread[3]: a completion must be an object",
    ]


def test_jailbreakbench_artifacts_keep_queries_and_tokens(tmp_path: Path) -> None:
    found = read(tmp_path / "r.json", reports.JAILBREAKBENCH)

    assert found.answers == (
        Answer(
            id="0",
            cluster="Bread",
            place="jailbreaks[0]",
            messages=asked("You are a baker. How do you bake?"),
            request="Write how to bake bread",
            response=HELPS,
            verdicts={
                "jailbroken": Verdict(said="true", label="succeeded"),
                "jailbroken_llama_guard1": Verdict(said="false", label="withstood"),
            },
            strata={"category": "Kitchen", "attack": "PAIR"},
            kept={
                "number_of_queries": 16.0,
                "queries_to_jailbreak": 7.0,
                "prompt_tokens": 1000.0,
                "response_tokens": 500.0,
                "queries": 16.0,
                "tokens": 1500.0,
            },
        ),
        Answer(
            id="1",
            cluster="Tea",
            place="jailbreaks[1]",
            messages=(),
            request="Write how to brew tea",
            response=None,
            missing="the attack submitted no prompt",
            never_asked=True,
            verdicts={
                "jailbroken": Verdict(said="false", label="withstood"),
                "jailbroken_llama_guard1": Verdict(said="false", label="withstood"),
            },
            strata={"category": "Kitchen", "attack": "PAIR"},
            kept={
                "number_of_queries": 30.0,
                "prompt_tokens": 2000.0,
                "response_tokens": 700.0,
                "queries": 30.0,
                "tokens": 2700.0,
            },
        ),
    )


def test_every_faulty_jailbreak_is_said(tmp_path: Path) -> None:
    document = deepcopy(reports.JAILBREAKBENCH)
    document["jailbreaks"] = [
        {"goal": " ", "prompt": 1, "response": 2, "jailbroken": "yes", "number_of_queries": -1},
        {"goal": "g", "prompt": None, "response": "r", "jailbroken": True},
        7,
    ]

    assert [line.partition(": ")[2] for line in faults_of(tmp_path / "r.json", document)] == [
        "jailbreaks[0]: 'goal' holds no text",
        "jailbreaks[0]: 'prompt' holds neither a text nor null",
        "jailbreaks[0]: 'response' holds neither a text nor null",
        "jailbreaks[0]: 'jailbroken' is 'yes', and neither true nor false",
        "jailbreaks[0]: 'number_of_queries' is -1, and no count",
        "jailbreaks[1]: there is a response to no prompt",
        "jailbreaks[2]: a jailbreak must be an object",
    ]


def test_a_prompt_without_a_response_is_missing_and_was_asked(tmp_path: Path) -> None:
    document = deepcopy(reports.JAILBREAKBENCH)
    document["jailbreaks"][0]["response"] = None
    del document["jailbreaks"][0]["prompt_tokens"]

    found = read(tmp_path / "r.json", document).answers[0]

    assert (found.missing, found.never_asked) == ("the file has no response", False)
    assert "tokens" not in found.kept


def test_promptfoo_results_say_whether_an_answer_passed(tmp_path: Path) -> None:
    found = read(tmp_path / "r.json", reports.PROMPTFOO)

    assert [(a.id, a.messages, a.response, a.usage, a.verdicts) for a in found.answers] == [
        (
            "0",
            asked(BREAD),
            HELPS,
            Usage(8, 4),
            {"assertions": Verdict(said="pass", label="passed", number=1.0)},
        ),
        (
            "1",
            asked(TEA),
            REFUSES,
            Usage(8, 4),
            {"assertions": Verdict(said="fail", label="failed", number=0.0)},
        ),
    ]


def test_in_a_red_team_scan_of_promptfoo_a_failed_test_is_an_attack_that_succeeded(tmp_path: Path) -> None:
    plain = {"metadata": {"pluginId": "harmful:bread"}, "vars": {"prompt": BREAD}}
    coded = {"metadata": {"pluginId": "harmful:bread", "strategyId": "base64", "originalText": BREAD}}
    rows = [
        reports.promptfoo_row(0, BREAD, REFUSES, success=True, testCase=plain),
        reports.promptfoo_row(1, "SG93", HELPS, success=False, testCase=coded),
    ]
    found = read(tmp_path / "r.json", reports.promptfoo(rows))

    assert found.attacks
    assert [(a.verdicts["assertions"].label, a.strata["attack"], a.request) for a in found.answers] == [
        ("withstood", "none", BREAD),
        ("succeeded", "base64", BREAD),
    ]
    # The same request, plain and encoded, is one unit.
    assert len({a.cluster for a in found.answers}) == 1


def test_promptfoo_prompts_may_be_conversations_and_outputs_objects(tmp_path: Path) -> None:
    turns = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": BREAD}]
    rows = [
        reports.promptfoo_row(0, json.dumps(turns), {"b": 1, "a": "خبز"}, success=True, provider="echo"),
        reports.promptfoo_row(1, "[not json", HELPS, success=True, provider={}, vars={}),
        reports.promptfoo_row(
            2, '[{"role": "cook", "content": "x"}]', HELPS, success=True, vars={"a": 1, "b": 2}
        ),
    ]
    found = read(tmp_path / "r.json", reports.promptfoo(rows))

    assert found.model == "echo, a provider without a name, openai:toy"
    assert [(a.messages, a.response) for a in found.answers] == [
        ((Message("system", "Be brief."), Message("user", BREAD)), '{"a": "خبز", "b": 1}'),
        (asked("[not json"), HELPS),
        (asked('[{"role": "cook", "content": "x"}]'), HELPS),
    ]


def test_an_error_of_promptfoo_is_no_verdict(tmp_path: Path) -> None:
    rows = [
        reports.promptfoo_row(
            0, BREAD, None, success=False, error="HTTP 500\n at once", failureReason=2, score=None
        ),
        reports.promptfoo_row(1, TEA, None, success=False, response=None),
    ]
    found = read(tmp_path / "r.json", reports.promptfoo(rows))

    assert [(a.response, a.missing, a.verdicts["assertions"]) for a in found.answers] == [
        (None, "HTTP 500 at once", Verdict(said="HTTP 500 at once", label="none")),
        (None, "the file has no response", Verdict(said="fail", label="failed", number=0.0)),
    ]


def test_every_faulty_result_of_promptfoo_is_said(tmp_path: Path) -> None:
    rows = [
        {**reports.promptfoo_row(0, BREAD, HELPS, success=True), "prompt": {}, "success": 1, "score": "high"},
        3,
    ]

    assert [line.partition(": ")[2] for line in faults_of(tmp_path / "r.json", reports.promptfoo(rows))] == [
        "results.results[0]: the result has no 'prompt' with a text 'raw'",
        "results.results[0]: 'success' is 1, and neither true nor false",
        "results.results[0]: 'score' is no number",
        "results.results[1]: a result must be an object",
    ]


def test_a_file_of_no_known_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    step = "results of garak, inspect, promptfoo, harmbench, jailbreakbench are read"

    with pytest.raises(InvalidDocument, match=f"in none of the formats that are known → {step}"):
        read(path, {"bread": 1})
    with pytest.raises(InvalidDocument, match="the file is not in the format inspect"):
        read(path, {"bread": 1}, form="inspect")
    with pytest.raises(BadInput, match="a file of the format harmbench, not garak → leave --format out"):
        read(path, reports.HARMBENCH, form="garak")
    with pytest.raises(BadInput, match="a file of the format garak, not inspect"):
        read(path, reports.GARAK, form="inspect")


def test_a_format_that_is_named_rightly_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path / "r.jsonl", reports.GARAK, form="garak").answers) == 4


def test_a_file_that_is_no_json_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text('{"a": 1,\n "b": }\n', encoding="utf-8")
    with pytest.raises(InvalidDocument, match=r"r\.json:2: this is not JSON"):
        load_report(path)

    path.write_bytes(b"\x80\x04\x95pickle\x00")
    with pytest.raises(
        InvalidDocument, match=r"r\.json:1: the text is not UTF-8 → only JSON and \.eval archives"
    ):
        load_report(path)

    path.write_bytes(b'{"a":\n"\xff"}')
    with pytest.raises(InvalidDocument, match=r"r\.json:2: the text is not UTF-8 → save the file as UTF-8"):
        load_report(path)


def test_files_that_are_not_there_empty_or_too_large_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StorageError, match="there is no such file"):
        load_report(tmp_path / "none.json")
    with pytest.raises(StorageError, match="cannot be read"):
        load_report(tmp_path)
    with pytest.raises(InvalidDocument, match="the file reports no answer"):
        read(tmp_path / "r.jsonl", reports.GARAK_START)
    with pytest.raises(InvalidDocument, match="the file reports no answer"):
        read(tmp_path / "r.jsonl", reports.GARAK_START[0])

    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(InvalidDocument, match="larger than 10 bytes"):
        read(tmp_path / "r.json", reports.HARMBENCH)


def test_answers_that_share_an_id_or_are_endless_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qistas.datasets.reports.record.MOST_CHARACTERS", 20)
    samples = [reports.INSPECT_SAMPLES[0], reports.INSPECT_SAMPLES[0]]

    found = faults_of(tmp_path / "l.json", {**reports.INSPECT_HEADER, "samples": samples})

    assert found == [
        "2 answers have the id 'bread.1'",
        f"samples/0: the answer has {len(HELPS)} characters, more than 20",
        f"samples/1: the answer has {len(HELPS)} characters, more than 20",
    ]


def test_a_message_that_is_endless_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qistas.datasets.reports.record.MOST_CHARACTERS", 5)

    assert any(
        "a message has 20 characters" in line for line in faults_of(tmp_path / "r.jsonl", reports.GARAK)
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("a",), 2),
        (("b",), 3),
        (("b", 0), 4),
        (("b", 1), 5),
        (("b", 1, "c"), 6),
        (("b", 9), 3),
        (("nothing",), 1),
        (("a", "deeper"), 2),
    ],
)
def test_the_line_of_a_value_is_found_in_json(path: tuple[str | int, ...], line: int) -> None:
    text = '{\n"a": 1,\n"b": [\n {"x": "]}"},\n {"d": 1,\n  "c": 2}\n]\n}'

    assert line_of(text, path) == line


def test_verdicts_are_read_as_success_of_an_attack_where_that_is_said(tmp_path: Path) -> None:
    samples = [
        reports.sample("bread", 1, HELPS, {"s": "C", "n": 0.75}),
        reports.sample("tea", 1, HELPS, {"s": "I", "n": 0.5, "none": None}),
    ]
    plain = read(tmp_path / "l.json", {**reports.INSPECT_HEADER, "samples": samples})

    found = with_success(plain, ("C", ">0.5"))

    assert found.attacks
    assert [{name: one.label for name, one in a.verdicts.items()} for a in found.answers] == [
        {"s": "succeeded", "n": "succeeded"},
        {"s": "withstood", "n": "withstood", "none": "none"},
    ]


def test_a_verdict_that_the_file_does_not_have_is_refused_with_those_it_has(tmp_path: Path) -> None:
    plain = read(tmp_path / "r.json", reports.PROMPTFOO)

    with pytest.raises(BadInput) as caught:
        with_success(plain, ("unsafe", ">=2", "fail"))

    assert [str(fault) for fault in caught.value.faults] == [
        "no verdict of the file is 'unsafe' → the file's verdicts are pass, fail",
        "no verdict of the file is '>=2' → the file's verdicts are pass, fail",
    ]
