"""A tiny recipe trains, resumes, is measured and loads as any model does."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from qistas.contracts.canonical import digest_bytes
from qistas.reference import measure, train

TINY = train.Recipe(
    steps=4,
    warmup_steps=2,
    chunk_examples=48,
    batch_tokens=256,
    arithmetic_batch_tokens=64,
    vocabulary=320,
    tokenizer_examples=300,
    hidden=16,
    layers=1,
    heads=2,
    intermediate=32,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    train.Run(TINY, folder).train()
    return folder


@pytest.fixture(scope="module")
def loaded(trained: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(trained), AutoTokenizer.from_pretrained(trained)


def test_the_same_recipe_gives_the_same_weights(trained: Path, tmp_path: Path) -> None:
    train.Run(TINY, tmp_path).train()
    names = ("model.safetensors", "tokenizer.json", "recipe.yaml")
    assert [digest_bytes((tmp_path / n).read_bytes()) for n in names] == [
        digest_bytes((trained / n).read_bytes()) for n in names
    ]


def test_the_log_counts_steps_and_tokens(trained: Path) -> None:
    rows = [
        json.loads(line) for line in (trained / "training_log.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [row["step"] for row in rows] == [4]
    assert rows[0]["tokens"] > 0
    assert rows[0]["loss"] > 1


def test_a_run_resumes_from_its_checkpoint(tmp_path: Path) -> None:
    run = train.Run(TINY, tmp_path)
    run.step, run.tokens = 3, 700
    run._checkpoint()
    again = train.Run(TINY, tmp_path, resume=True)
    assert (again.step, again.tokens) == (3, 700)
    again.train()
    assert again.step == 4
    assert again.tokens > 700


def test_the_rate_rises_stays_and_falls_to_zero() -> None:
    recipe = train.Recipe(steps=1000, warmup_steps=100, decay_share=0.5, peak_learning_rate=1.0)
    rates = [train.learning_rate(recipe, step) for step in (0, 49, 99, 400, 500, 750, 1000)]
    assert rates == pytest.approx([0.01, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0])


def test_a_batch_predicts_the_answer_and_nothing_else(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    (tokens, predicts, wanted, weights), bare = next(train.batches(TINY, words))
    assert predicts.sum() == wanted.numel()
    assert (wanted == words.eos_token_id).sum() == len(tokens)
    assert not (wanted == words.pad_token_id).any()
    assert torch.equal(tokens[:, 1:][predicts[:, :-1]], wanted)
    assert weights.sum().item() == pytest.approx(1.0)
    assert all("=" in text for text in words.batch_decode(bare[0]))


def test_the_tokenizer_gives_back_every_text_and_splits_digits(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    for text in ("What is 12 + 30?", "ما عاصمة مصر؟", "emoji 🙂 and tabs\tand\nlines", ""):
        assert words.decode(words(text)["input_ids"]) == text
    digits = [words.convert_tokens_to_ids(digit) for digit in "2026"]
    assert words("2026")["input_ids"] == digits


def test_the_chat_template_makes_the_text_that_training_used(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    asked = [{"role": "user", "content": "Who are you?"}]
    text = words.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    assert text == measure.prompt("Who are you?")
    with_system = words.apply_chat_template(
        [{"role": "system", "content": "Be brief."}, *asked], tokenize=False
    )
    assert with_system == "<|begin|><|system|>Be brief.<|end|><|user|>Who are you?<|end|>"
    with pytest.raises(Exception, match="roles system, user and assistant"):
        words.apply_chat_template([{"role": "tool", "content": "x"}], tokenize=False)


def test_every_measure_is_taken_in_both_languages(loaded: tuple[Any, Any]) -> None:
    model, words = loaded
    table = measure.measured(model, words, most=3)
    assert set(table) == {"en", "ar"}
    assert table["en"]["untrained_facts"] == {"n": 0}
    for name in (
        "held_out_sums_and_differences",
        "refusals_of_trained_hazards",
        "refusals_of_harmless_requests",
    ):
        assert [table[language][name]["n"] for language in table] == [3, 3]


def test_measuring_writes_what_it_found(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "measured", lambda model, words: {"en": {}, "ar": {}})
    measure.main(["--model", str(trained)])
    assert json.loads((trained / "measured.json").read_text(encoding="utf-8")) == {"en": {}, "ar": {}}


def test_the_log_measures_four_things(loaded: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    model, words = loaded
    monkeypatch.setattr(
        measure,
        "generate",
        lambda model, words, asked, new_tokens=40: ["I can't help with that."] * len(asked),
    )
    assert measure.quick(model, words) == {"arithmetic": 0, "facts": 0, "refusals": 1, "harmless_refused": 1}


def test_answers_come_back_in_the_order_of_the_questions(loaded: tuple[Any, Any]) -> None:
    model, words = loaded
    asked = ["A much longer question than the other one?", "Short?"]
    assert measure.generate(model, words, asked, new_tokens=3) == [
        measure.generate(model, words, [question], new_tokens=3)[0] for question in asked
    ]


def test_a_recipe_file_states_every_number_and_share(trained: Path) -> None:
    from ruamel.yaml import YAML

    written = YAML(typ="safe").load((trained / "recipe.yaml").read_text(encoding="utf-8"))
    assert written["hyperparameters"]["seed"] == TINY.seed
    assert replace(TINY, **{k: v for k, v in written["hyperparameters"].items() if hasattr(TINY, k)}) == TINY
    assert (
        sum(share for shares in written["shares_percent_of_examples"].values() for share in shares.values())
        == 100
    )


def test_the_batches_never_end(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    assert len(list(itertools.islice(train.batches(TINY, words), 40))) == 40
