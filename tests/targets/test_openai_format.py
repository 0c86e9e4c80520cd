"""What is made of an answer, byte by byte: servers differ, results must not."""

from datetime import UTC, datetime

import msgspec
import pytest

from qistas.contracts.exchanges import ChatResponse, Failure, ScoreResponse, Usage
from qistas.targets._http import _error_of, retry_after
from qistas.targets._openai_format import read_chat, read_completion, read_models, read_score

NOW = datetime(2025, 1, 1, 12, 0, 0, tzinfo=UTC)


def chat(message, finish="stop"):
    return msgspec.json.encode({"choices": [{"message": message, "finish_reason": finish}]})


@pytest.mark.parametrize(
    ("body", "response"),
    [
        (chat({"content": "yes"}), ChatResponse(text="yes")),
        (chat({"content": ""}), ChatResponse(text="")),
        (chat({"content": "yes"}, "eos_token"), ChatResponse(text="yes")),
        (chat({"content": "ye"}, "length"), ChatResponse(text="ye", finish="length")),
        (chat({"content": "ye"}, "tool_calls"), ChatResponse(text="ye", finish="other")),
        (chat({"content": "ye"}, None), ChatResponse(text="ye", finish="other")),
        (chat({"content": None}, "length"), ChatResponse(text="", finish="length")),
        (chat({"content": None}, "content_filter"), ChatResponse(text="", finish="content_filter")),
        (chat({"content": None, "refusal": "I can't help."}), ChatResponse(text="I can't help.")),
        (
            b'{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5}}',
            ChatResponse(text="a", usage=Usage(5, None)),
        ),
        (
            chat({"content": None}),
            Failure(kind="empty", message="the answer's first choice holds no content", passing=True),
        ),
        (b"", Failure(kind="truncated_body", message="the answer's JSON breaks off", passing=True)),
        (b"\xff\xfe", Failure(kind="malformed", message="the answer is no JSON", passing=True)),
        (
            b'{"x":' + b"[" * 100_000,
            Failure(kind="malformed", message="the answer is no JSON", passing=True),
        ),
    ],
)
def test_a_chat_answer_is_read(body, response):
    assert read_chat(body, ()) == response


def test_content_of_another_type_is_malformed():
    found = read_chat(chat({"content": ["a"]}), ())
    assert (found.kind, found.passing) == ("malformed", True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b'{"choices":[]}', "empty"), (b'{"choices":[{}]}', "empty"), (b'{"choices":', "truncated_body")],
)
def test_a_completion_without_text_is_a_failure(body, kind):
    assert read_completion(body, ()).kind == kind


def test_a_list_of_models_in_another_form_is_empty():
    assert read_models(b"[]") == []
    listed = read_models(b'{"data":[{"id":"m","max_model_len":512,"revision":"abc"}]}')
    assert [(m.id, m.max_model_len, m.revision) for m in listed] == [("m", 512, "abc")]


def scored(text="is Paris", tokens=("is", " Paris"), values=(None, -2.0), offsets=(0, 2), top=None):
    logprobs = {"tokens": tokens, "token_logprobs": values, "text_offset": offsets, "top_logprobs": top}
    return msgspec.json.encode({"choices": [{"text": text, "logprobs": logprobs}]})


@pytest.mark.parametrize(
    ("body", "response"),
    [
        (scored(), ScoreResponse(logprob=-2.0, tokens=1)),
        (scored(text="is Paris and", tokens=("is", " Paris", " and"), values=(None, -2.0, -9.0), offsets=(0, 2, 8)),
         ScoreResponse(logprob=-2.0, tokens=1)),
        (scored(tokens=("is", " Par", "is"), values=(None, -1.0, -0.5), offsets=(0, 2, 6)),
         ScoreResponse(logprob=-1.5, tokens=2)),
        # the token that marks the beginning is counted in the offsets
        (scored(tokens=("<s>", "is", " Paris"), values=(None, -4.0, -2.0), offsets=(0, 3, 5)),
         ScoreResponse(logprob=-2.0, tokens=1)),
        # two tokens of one character stand at the same place
        (scored(text="is ع", tokens=("is", " ", "\\xd8", "\\xb9"), values=(None, -1.0, -1.0, -1.0), offsets=(0, 2, 3, 3)),
         ScoreResponse(logprob=-3.0, tokens=3)),
        (scored(top=[None, {" Rome": -1.0}]), ScoreResponse(logprob=-2.0, tokens=1, greedy=False)),
        (scored(top=[None, {" Paris": -2.0}]), ScoreResponse(logprob=-2.0, tokens=1, greedy=True)),
    ],
)  # fmt: skip
def test_the_continuations_tokens_are_summed(body, response):
    continuation = msgspec.json.decode(body)["choices"][0]["text"].removeprefix("is").removesuffix(" and")
    assert read_score(body, "is", continuation, strict=True) == response


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (scored(text=" in France", tokens=(" in", " France"), values=(-1.0, -1.0)), "echo was ignored"),
        (scored(tokens=("is",)), "different numbers"),
        (scored(offsets=(2, 0)), "do not ascend"),
        (scored(tokens=("is P", "aris"), offsets=(0, 4)), "do not part"),
        (scored(values=(None, None)), "no log-probability for a token"),
        (scored(values=(None, 0.5)), "no log-probability for a token"),
        (b'{"choices":[{"text":"is Paris"}]}', "gave no log-probabilities"),
        (b'{"choices":[]}', "no choices"),
        (b'{"choices":', "breaks off"),
    ],
)
def test_what_the_server_did_instead_is_said(body, words):
    found = read_score(body, "is", " Paris", strict=True)
    assert isinstance(found, Failure)
    assert words in found.message


def test_a_token_across_the_border_counts_as_it_does_locally():
    body = scored(tokens=("i", "s P", "aris"), values=(None, -1.0, -0.5), offsets=(0, 1, 4))
    assert read_score(body, "is", " Paris") == ScoreResponse(logprob=-1.5, tokens=2)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        ("inf", None),
        ("soon", None),
        ("Wed, 01 Jan 2025 12:00:30 GMT", 30.0),
        ("Wed, 01 Jan 2025 12:00:30 -0000", 30.0),
        ("Wed, 01 Jan 2025 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":{"message":"m","code":"c"}}', ("m", "c")),
        (b'{"error":{"message":"m","code":404,"type":"t"}}', ("m", "")),
        (b'{"error":"m"}', ("m", "")),
        (b'{"detail":"m"}', ("m", "")),
        (b'{"detail":[{"msg":"m"}]}', ('[{"msg":"m"}]', "")),
        (b"[1]", ("", "")),
        (b"oops", ("", "")),
        (b'{"error":"\xff"}', ("", "")),
        (b"[" * 100_000, ("", "")),
    ],
)
def test_an_error_body_is_read_in_every_common_form(body, said):
    assert _error_of(body) == said
