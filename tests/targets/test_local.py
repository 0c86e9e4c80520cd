"""A model in a folder: what it says does not depend on who else is asked."""

import asyncio
import json
import math
import threading

import pytest
from tests.fakes.tiny_model import CONTEXT_LENGTH, copy_tiny_model, tiny_model

from qistas.contracts.errors import BadInput, MissingExtra, TargetFailed
from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    ClipRequest,
    Decoding,
    Failure,
    Message,
    ScoreRequest,
    ScoreResponse,
    Usage,
)
from qistas.contracts.protocols import AuditableTarget, StreamingTarget, Target, call_size_of
from qistas.targets import local as local_module
from qistas.targets._support import NO_TREE
from qistas.targets.local import TransformersTarget

QUESTIONS = ["hello", "What is the capital of France?", "ما عاصمة فرنسا؟", "a", "b " * 40, "2 + 2 ="]


def ask(text, **decoding):
    return ChatRequest(messages=(Message("user", text),), decoding=Decoding(**{"max_tokens": 24, **decoding}))


def score(context, continuation, framing="plain"):
    return ScoreRequest(messages=(Message("user", context),), continuation=continuation, framing=framing)


def run(folder, *batches, **settings):
    """Open the folder, ask the batches one after the other, close."""

    async def main():
        target = TransformersTarget(folder, **settings)
        info = await target.open()
        found = [list(await target.answer(batch)) for batch in batches]
        await target.close()
        return (info, *found)

    return asyncio.run(main())


@pytest.fixture(scope="module")
def chatty():
    return tiny_model()


@pytest.fixture(scope="module")
def base():
    return tiny_model(chat_template=None)


def test_the_information_names_everything_that_changes_a_result(chatty):
    (info,) = run(chatty, ref="tiny", revision="r1")
    assert isinstance(TransformersTarget(chatty), Target)
    assert (info.adapter, info.model.ref, info.model.revision) == ("transformers", "tiny", "r1")
    assert (info.capabilities, info.missing) == (("chat", "score", "measure", "suffix", "clip"), {})
    assert info.framing == f"chat-template:{info.details['chat_template']}"
    libraries = info.details.pop("libraries")
    assert set(libraries) == {"torch", "transformers", "tokenizers"}
    digests = [info.model.digest, info.details.pop("tokenizer"), info.details.pop("chat_template")]
    assert all(d.startswith("sha256:") for d in digests)
    assert len(set(digests)) == 3
    assert info.details == {
        "dtype": "float32",
        "device": "cpu",
        "context_length": CONTEXT_LENGTH,
        "parameters": 35616,
        "architecture": "LlamaForCausalLM",
    }


def test_the_same_files_have_the_same_digest_and_a_changed_byte_another(chatty, tmp_path):
    copy = copy_tiny_model(tmp_path / "elsewhere")
    (copy / "README.md").write_text("a card is no part of the model")
    (first,), (second,) = run(chatty, device="cpu"), run(copy, device="cpu")
    assert second.model.digest == first.model.digest
    config = copy / "generation_config.json"
    config.write_text(config.read_text() + "\n")
    (third,) = run(copy)
    assert third.model.digest != first.model.digest
    assert str(tmp_path) not in repr(third)


def test_a_greedy_answer_is_the_same_alone_and_in_any_company(chatty):
    requests = [ask(q) for q in QUESTIONS] + [ask(q, max_tokens=5) for q in QUESTIONS]
    _, together, reverse, *alone = run(
        chatty, requests, requests[::-1], *([r] for r in requests), batch_size=4
    )
    assert together == [one for (one,) in alone]
    assert reverse[::-1] == together
    assert len({r.text for r in together}) > 6
    assert {r.usage.output_tokens for r in together if r.finish == "length"} == {24, 5}


def test_a_score_is_the_same_alone_and_in_any_company(chatty):
    requests = [score(q, c) for q in QUESTIONS for c in (" Paris", " Paris, of course", " باريس")]
    _, together, *alone = run(chatty, requests, *([r] for r in requests), batch_size=5)
    for one, (other,) in zip(together, alone, strict=True):
        assert (one.tokens, one.greedy) == (other.tokens, other.greedy)
        assert one.logprob == pytest.approx(other.logprob, abs=2e-5)


def test_a_score_is_the_sum_of_the_models_own_log_probabilities(chatty):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    _, (found,) = run(chatty, [score("The capital of France is", " Paris.")])
    tokenizer, model = AutoTokenizer.from_pretrained(chatty), AutoModelForCausalLM.from_pretrained(chatty)
    whole = tokenizer("The capital of France is Paris.", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        values = torch.log_softmax(model(whole).logits[0].double(), -1)
    expected = sum(float(values[i - 1, whole[0, i]]) for i in (-2, -1))
    assert (found.tokens, found.greedy) == (2, False)
    assert found.logprob == pytest.approx(expected, abs=1e-4)


def test_greedy_is_said_of_what_the_model_would_have_said(chatty):
    _, (answer,) = run(chatty, [ask("hello there", max_tokens=1)])
    texts = [score("hello there", chr(c), framing="chat") for c in range(33, 127)]
    _, found = run(chatty, texts)
    said = [t.continuation for t, f in zip(texts, found, strict=True) if f.greedy]
    assert said == ([answer.text] if answer.text.isascii() and answer.text.isprintable() else [])
    assert math.fsum(math.exp(f.logprob) for f in found) < 1.0


@pytest.mark.parametrize(
    ("context", "continuation", "tokens"),
    [
        ("The capital of France is", " Paris", 1),
        ("The capital of France is ", "Paris", 1),  # one token lies across the border
        ("The capital of France is P", "aris", 1),
        ("is", " ", 1),
        ("", "ab", 2),
        ("س", "ع", 2),
    ],
)
def test_the_border_between_context_and_continuation(chatty, context, continuation, tokens):
    _, (found,) = run(chatty, [score(context, continuation)])
    assert isinstance(found, ScoreResponse)
    assert found.tokens == tokens


def test_an_empty_continuation_and_one_without_a_beginning_are_rejected(chatty, tmp_path):
    _, (found,) = run(chatty, [score("x", "")])
    assert found == Failure(kind="rejected", message="the continuation is empty", passing=False)
    folder = copy_tiny_model(tmp_path / "m")
    for name in ("generation_config.json", "tokenizer_config.json", "config.json"):
        data = json.loads((folder / name).read_text())
        data.pop("eos_token_id", None)
        data.pop("eos_token", None)
        (folder / name).write_text(json.dumps(data))
    _, (found, endless) = run(folder, [score("", "x"), ask("hello")])
    assert "no token for a beginning" in found.message
    assert endless.finish == "length"


def test_sampling_follows_the_seed_and_nothing_else(chatty):
    import torch

    hot = {"temperature": 1.5}
    first, second, unseeded = ask("hello", seed=1, **hot), ask("hello", seed=2, **hot), ask("hello", **hot)
    torch.manual_seed(7)
    expected = torch.rand(3).tolist()
    torch.manual_seed(7)
    _, a, b, c = run(chatty, [first, second, unseeded], [unseeded, ask("a"), first], [first])
    assert torch.rand(3).tolist() == expected
    assert (b[2], b[0], c[0]) == (a[0], a[2], a[0])
    assert len({r.text for r in a}) == 3


def test_a_stop_string_ends_the_answer_and_is_not_part_of_it(chatty):
    _, (whole,) = run(chatty, [ask("hello")])
    stop = next(c for c in whole.text[3:] if c.isprintable() and c != "\ufffd" and whole.text.index(c) >= 3)
    requests = [ask("hello", stop=("not there", stop)), ask("a", stop=("not there", stop))]
    _, (cut, other) = run(chatty, requests)
    assert (cut.text, cut.finish) == (whole.text[: whole.text.index(stop)], "stop")
    assert 0 < cut.usage.output_tokens < 24
    assert stop not in other.text


def test_the_end_token_ends_the_answer(chatty, tmp_path):
    _, (whole,) = run(chatty, [ask("hello")])
    folder = copy_tiny_model(tmp_path / "m")
    token = _ids(folder, whole.text)[3]
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [token]}))
    _, (found, longer) = run(folder, [ask("hello"), ask("b " * 40)])
    assert found.finish == "stop"
    assert found.usage.output_tokens <= 24
    assert longer.usage.output_tokens <= 24
    _, (alone,) = run(folder, [ask("hello")])
    assert alone == found


def _ids(folder, text):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)(text)["input_ids"]


def test_what_does_not_fit_the_context_is_rejected_and_harms_no_other(chatty):
    long = "x" * (CONTEXT_LENGTH - 2)
    _, found = run(
        chatty, [ask(long), ask("hello", max_tokens=3), score(long, " y" * 9), score("is", " Paris")]
    )
    assert [type(f) for f in found] == [Failure, ChatResponse, Failure, ScoreResponse]
    assert {(f.kind, f.passing, f.fatal) for f in found[::2]} == {("context", False, False)}
    assert (
        found[0].message
        == "the prompt has 257 tokens, which leave no room for an answer in the model's context of 256"
    )
    assert found[2].message == "the text has 272 tokens; the model's context has 256"


def test_a_template_that_refuses_a_conversation_is_that_requests_failure(tmp_path):
    folder = copy_tiny_model(tmp_path / "m")
    template = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ messages[0].content }}"
    (folder / "chat_template.jinja").write_text(template)
    system = (Message("system", "Be brief."), Message("user", "hello"))
    requests = [
        ChatRequest(messages=system),
        ask("hello"),
        ScoreRequest(messages=system, continuation="x", framing="chat"),
    ]
    _, found = run(folder, requests)
    refused = Failure(
        kind="rejected", message="the chat template refuses the conversation: no system", passing=False
    )
    assert (found[0], found[2]) == (refused, refused)
    assert isinstance(found[1], ChatResponse)


def test_a_template_has_no_clock(tmp_path):
    folder = copy_tiny_model(tmp_path / "m")
    template = (
        "{{ strftime_now('%d %b %Y') }}|{{ strftime_now(\"%Y\") }}|{% set f = '%H' %}{{ strftime_now(f) }}|"
    )
    (folder / "chat_template.jinja").write_text(template)
    info, (found,) = run(folder, [ask("hello", max_tokens=1)])
    assert info.details["chat_template_date"] == "2025-01-01"
    assert found.usage.input_tokens == len("01 Jan 2025|2025|2025-01-01|")


def test_a_model_without_template_gets_a_declared_form(base):
    question = (Message("system", "Be brief."), Message("user", "Capital of France?"))
    prompt = "Be brief.\n\nQuestion: Capital of France?\nAnswer:"
    requests = [
        ChatRequest(messages=question, decoding=Decoding(max_tokens=4)),
        ScoreRequest(messages=question, continuation="Paris", framing="chat"),
        score(prompt, " Paris"),
    ]
    info, (answer, as_chat, as_text) = run(base, requests)
    assert info.framing == "completion:question-answer"
    assert info.details["completion_form"]["ar"].startswith("السؤال: {question}\nالجواب: {answer}")
    assert info.details["chat_template"] is None
    assert answer.usage == Usage(len(_ids(base, prompt)), 4)
    assert as_chat == pytest.approx(as_text) if isinstance(as_chat, float) else as_chat == as_text


def test_weights_in_shards_answer_like_weights_in_one(chatty):
    shards = tiny_model(shards=True)
    assert len(list(shards.glob("*.safetensors"))) > 1
    first, one = run(chatty, [ask("hello")])
    second, other = run(shards, [ask("hello")])
    assert one == other
    assert first.model.digest != second.model.digest
    assert first.details["tokenizer"] == second.details["tokenizer"]


def test_the_event_loop_stays_alive_and_cancelling_stops_the_model(chatty, monkeypatch):
    started, over, seen, real = threading.Event(), threading.Event(), [], local_module.generate_all

    def watched(loaded, prompts, *, rows, memory, cancel, give):
        started.set()
        cancel.wait(5)
        real(loaded, prompts, rows=rows, memory=memory, cancel=cancel, give=lambda *found: seen.append(found))
        over.set()

    async def main():
        target = TransformersTarget(chatty)
        await target.open()
        monkeypatch.setattr(local_module, "generate_all", watched)
        task = asyncio.create_task(target.answer([ask("hello", max_tokens=100), score("a", "b")]))
        await asyncio.to_thread(started.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(over.wait, 10)
        await target.close()

    asyncio.run(main())
    assert seen == [(0, Failure(kind="exception", message="cancelled", passing=True))]


def test_a_tokenizer_that_cannot_place_its_tokens_scores_nothing(chatty, monkeypatch):
    from transformers import PreTrainedTokenizerFast

    monkeypatch.setattr(PreTrainedTokenizerFast, "is_fast", False)
    info, (found,) = run(chatty, [score("is", " Paris")])
    assert info.capabilities == ("chat", "measure")
    assert found == Failure(kind="unsupported", message=info.missing["score"], passing=False)


def test_asking_before_opening_is_an_error(chatty):
    with pytest.raises(TargetFailed, match="not opened"):
        asyncio.run(TransformersTarget(chatty).answer([ask("x")]))


def test_without_torch_the_extra_is_named(chatty, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingExtra, match=r"pip install 'qistas\[local\]'"):
        run(chatty)


def test_dtype_and_device_are_checked_together(chatty):
    with pytest.raises(BadInput) as caught:
        run(chatty, dtype="int3", device="abacus")
    assert [f.message for f in caught.value.faults] == ["unknown dtype 'int3'", "unknown device 'abacus'"]
    with pytest.raises(BadInput, match="no device 'meta' here"):
        run(chatty, device="meta")


def test_another_dtype_is_another_model_in_the_information(chatty):
    info, (answer,) = run(chatty, [ask("hello", max_tokens=3)], dtype="bfloat16", device="cpu")
    assert info.details["dtype"] == "bfloat16"
    assert answer.usage.output_tokens == 3


def test_answers_come_in_groups_as_they_are_known_each_place_once(chatty):
    requests = [score("hello", f" {n}" * n) for n in range(1, 9)] + [
        ask("hello", max_tokens=3),
        score("x", ""),
    ]
    _, expected = run(chatty, requests)

    async def main():
        target = TransformersTarget(chatty)
        await target.open()
        assert isinstance(target, StreamingTarget)
        assert isinstance(target, AuditableTarget)
        assert call_size_of(target) == 1024
        groups = [group async for group in target.answers(requests)]
        await target.close()
        return groups

    placed = [one for group in asyncio.run(main()) for one in group]
    assert sorted(place for place, _ in placed) == list(range(10))
    for place, answer in placed:
        assert same(answer, expected[place])


def same(one, other):
    """Equal; of scores up to the rounding of another company."""
    if isinstance(one, ScoreResponse) and isinstance(other, ScoreResponse):
        alike = (one.tokens, one.greedy) == (other.tokens, other.greedy)
        return alike and one.logprob == pytest.approx(other.logprob, abs=2e-5)
    return one == other


def test_leaving_the_stream_stops_the_work(chatty):
    requests = [score("hello", f" {n}" * 20) for n in range(40)]

    async def main():
        target = TransformersTarget(chatty)
        await target.open()
        target._loaded.scorer._most_tokens = 16
        stream = target.answers(requests)
        first = await anext(stream)
        await stream.aclose()
        await target.answer([])  # waits until the work before has let go of the model
        half = target.tokens_forwarded
        await target.answer(requests)
        whole = target.tokens_forwarded - half
        await target.close()
        return first, half, whole

    first, half, whole = asyncio.run(main())
    assert 0 < len(first) < 40
    assert half < whole


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_an_audit_scores_each_alone_in_float32_and_leaves_the_weights_as_they_were(chatty, dtype):
    import torch

    requests = [score(q, " Paris, of course") for q in QUESTIONS] + [score("x", "")]
    _, plain = run(chatty, requests, dtype="float32", device="cpu")

    async def main():
        target = TransformersTarget(chatty, dtype=dtype, device="cpu")
        await target.open()
        model = target._loaded.model
        rounded = [p.clone() for p in model.parameters()]
        before = await target.answer(requests)
        audited = await target.audit(requests)
        after = await target.answer(requests)
        assert {p.dtype for p in model.parameters()} == {getattr(torch, dtype)}
        assert all(torch.equal(p, q) for p, q in zip(model.parameters(), rounded, strict=True))
        assert [p.dtype for p in model.buffers()] == [torch.float32] * len(list(model.buffers()))
        await target.close()
        return before, audited, after

    before, audited, after = asyncio.run(main())
    assert after == before
    assert (
        audited[-1]
        == plain[-1]
        == Failure(kind="rejected", message="the continuation is empty", passing=False)
    )
    apart = [abs(a.logprob - p.logprob) for a, p in zip(audited[:-1], plain[:-1], strict=True)]
    if dtype == "float32":
        assert max(apart) < 2e-5
    else:
        worst = [abs(b.logprob - p.logprob) for b, p in zip(before[:-1], plain[:-1], strict=True)]
        assert 0 < max(apart) < 1.0
        assert max(worst) < 3.0


def test_an_audit_that_cannot_be_made_fails_its_requests(chatty, monkeypatch):
    from contextlib import contextmanager

    @contextmanager
    def no_room(model):
        raise MemoryError("no room for float32")
        yield

    async def main():
        target = TransformersTarget(chatty)
        await target.open()
        monkeypatch.setattr(local_module, "in_full_precision", no_room)
        return await target.audit([score("a", "b"), score("c", "d")])

    found = asyncio.run(main())
    assert found == [Failure(kind="exception", message="MemoryError: no room for float32", passing=False)] * 2


def test_too_little_memory_names_the_least_that_works(chatty):
    with pytest.raises(BadInput) as caught:
        run(chatty, memory_bytes=1 << 20)
    (fault,) = caught.value.faults
    assert (
        fault.message == "1048576 bytes of memory are too few for this model's work, even on a single token"
    )
    least = int(fault.next_step.removeprefix("give --memory ").partition("MiB")[0]) << 20
    info, (found,) = run(chatty, [score("a", "b")], memory_bytes=least)
    roomy, (other,) = run(chatty, [score("a", "b")])
    assert isinstance(found, ScoreResponse)
    assert (info, found) == (roomy, other)


def test_the_information_says_where_texts_cannot_share(tmp_path):
    folder = copy_tiny_model(tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    scaled = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}
    (folder / "config.json").write_text(json.dumps(config | {"rope_parameters": scaled}))
    info, (found,) = run(folder, [score("is", " Paris")])
    assert info.details["scoring"] == NO_TREE["positions"]
    reason = "its position embedding depends on the longest sequence of a batch"
    assert info.details["generation"] == f"generated in plain batches: {reason}"
    assert isinstance(found, ScoreResponse)


def test_a_prompt_that_the_tokenizer_refuses_harms_no_other(chatty):
    _, found = run(chatty, [ask("\ud800", max_tokens=2), ask("hello", max_tokens=2)])
    assert [type(one) for one in found] == [Failure, ChatResponse]
    assert found[0].kind == "rejected"


def test_a_text_is_cut_in_tokens_of_the_models_own_tokenizer(chatty):
    async def main():
        target = TransformersTarget(chatty, device="cpu")
        await target.open()
        text = "The capital of France is Paris, والعاصمة باريس."
        tokens = len(target._opened().tokenizer(text, add_special_tokens=False)["input_ids"])
        found = [
            await target.clip(ClipRequest(text=text, tokens=n))
            for n in (0, 3, tokens - 1, tokens, tokens + 5)
        ]
        broken = await target.clip(ClipRequest(text=None, tokens=1))
        await target.close()
        return text, found, broken

    text, found, broken = asyncio.run(main())
    assert [one.clipped for one in found] == [True, True, True, False, False]
    assert all(text.startswith(one.text) for one in found)
    assert found[0].text == ""
    assert 0 < len(found[1].text) < len(found[2].text) < len(text)
    assert found[3].text == found[4].text == text
    assert (broken.kind, broken.passing) == ("rejected", False)
