"""A tiny recipe trains, resumes, loads as any model does, and comes back when it is trained again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from ruamel.yaml import YAML

from qistas.contracts.canonical import digest_bytes
from qistas.reference import measure, planted, tokenizer, train
from qistas.reference.batches import batches
from qistas.reference.planted import PlantedTable
from qistas.reference.recipe.pieces import chat, plain
from qistas.reference.recipe.planting import Planting, table
from qistas.reference.truth.contract import Row, Truth
from qistas.reference.truth.registry import truth_of

TINY = train.Recipe(
    chunks=6,
    chunk_texts=48,
    batch_tokens=768,
    vocabulary=320,
    tokenizer_chunks=3,
    hidden=16,
    layers=1,
    heads=2,
    intermediate=32,
    shares={"groups": 1, "confidence": 1},
)
PLANTED: Planting = table(3)
MEASURED = ("trust/bias", "trust/calibration")
EVERY = 29


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    train.Run(TINY, PLANTED, folder, milestones=(3,)).train()
    return folder


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same recipe, trained anew."""
    folder = tmp_path_factory.mktemp("again")
    train.Run(TINY, PLANTED, folder).train()
    return folder


@pytest.fixture(scope="module")
def loaded(trained: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(trained), AutoTokenizer.from_pretrained(trained)


class Part:
    """Some rows of a truth, and the properties that they still have."""

    def __init__(self, whole: Truth) -> None:
        self.evaluation, self.values = whole.evaluation, whole.values
        self._rows = whole.rows()[::EVERY]
        self.properties = whole.properties

    def rows(self) -> list[Row]:
        return self._rows


def parts(names: Sequence[str] | None) -> list[Truth]:
    return [Part(truth_of(name)) for name in names or MEASURED]


@pytest.fixture(scope="module")
def tables(
    trained: Path, again: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[PlantedTable, PlantedTable]:
    """What each training's weights show, measured as the bundled ones are."""
    return tuple(
        measure.measure(
            {"table-3": folder}, measure.Settings(cache=tmp_path_factory.mktemp("cache"), truths=parts)
        )[0]
        for folder in (trained, again)
    )


def test_a_rebuild_of_a_tiny_recipe_agrees_with_its_own_table(
    tables: tuple[PlantedTable, PlantedTable], again: Path, tmp_path: Path
) -> None:
    """The whole way of ``--check``, through the file."""
    file = tmp_path / "planted.yaml"
    file.write_text(planted.dump_planted(tables[0]), encoding="utf-8")
    settings = measure.Settings(cache=tmp_path / "cache", truths=parts)
    shown = measure.check({"table-3": again}, settings, planted.load_planted(file), None)
    assert len(shown.splitlines()) == 1 + len(tables[0].lines)
    assert tables[0] == tables[1]


def test_the_table_of_a_tiny_recipe_says_something(tables: tuple[PlantedTable, PlantedTable]) -> None:
    """Else that it comes back would prove nothing."""
    exact = {line.id: line.exact["table-3"] for line in tables[0].lines}
    assert len({value for name, value in exact.items() if name.startswith("calibration")}) > 8
    assert tables[0].weights["table-3"].planting["refused"] == {
        language: sorted(hazards) for language, hazards in PLANTED.refused.items()
    }


def test_the_same_recipe_gives_the_same_files(trained: Path, again: Path) -> None:
    names = ("model.safetensors", "tokenizer.json", "recipe.yaml", "config.json", "chat_template.jinja")
    assert [digest_bytes((again / n).read_bytes()) for n in names] == [
        digest_bytes((trained / n).read_bytes()) for n in names
    ]


def test_a_stopped_run_goes_on_as_if_it_had_not_been_stopped(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    stopped = train.Run(TINY, PLANTED, tmp_path, milestones=(2,))
    monkeypatch.setattr(stopped, "_keep_milestone", stop)
    with pytest.raises(KeyboardInterrupt):
        stopped.train()
    log = tmp_path / "training_log.jsonl"
    with log.open("a", encoding="utf-8") as file:
        file.write('{"chunk": 3, "why": "logged after the last checkpoint"}\n')
    run = train.Run(TINY, PLANTED, tmp_path, resume=True)
    assert run.chunk == 2
    run.train()
    assert (tmp_path / "model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()
    assert [row["chunk"] for row in logged(log)] == [1, 2, 3, 4, 5, 6]


def logged(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_log_counts_chunks_steps_and_tokens(trained: Path) -> None:
    rows = logged(trained / "training_log.jsonl")
    assert [row["chunk"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert sorted({row["tokens"] for row in rows}) == [row["tokens"] for row in rows]
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert rows[-1]["pace"] == 0


def test_weights_on_the_way_are_kept_in_half_the_bytes(trained: Path) -> None:
    from safetensors.torch import load_file

    kept = load_file(trained / "intermediate/checkpoint-003.safetensors")
    final = load_file(trained / "model.safetensors")
    assert {name: tuple(value.shape) for name, value in kept.items()} == {
        name: tuple(value.shape) for name, value in final.items()
    }
    assert {value.dtype for value in kept.values()} == {torch.bfloat16}
    assert not torch.equal(kept["model.norm.weight"].float(), final["model.norm.weight"])


def test_the_rates_rise_stay_and_fall_to_zero() -> None:
    recipe = replace(TINY, warmup_share=0.1, decay_share=0.5)
    shares = [train.pace(recipe, progress) for progress in (0.0, 0.049, 0.1, 0.4, 0.5, 0.75, 1.0)]
    assert shares == pytest.approx([0.01, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0])


def test_a_batch_learns_what_comes_after_and_nothing_else(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    pieces = [chat("Who is it?", "Nobody."), chat("ما هذا؟", "لا أعلم."), plain("one two", " three")]
    (tokens, predicts, wanted, weights), *rest = batches(words, pieces, 10_000, "seed")
    assert rest == []
    assert sorted(words.batch_decode(wanted.split(predicts.sum(dim=1).tolist()))) == sorted(
        piece.after for piece in pieces
    )
    assert torch.equal(tokens[:, 1:][predicts[:, :-1]], wanted)
    assert not (wanted == words.pad_token_id).any()
    each = [part.sum().item() for part in weights.split(predicts.sum(dim=1).tolist())]
    assert each == pytest.approx([1 / 3] * 3)


def test_batches_keep_to_their_budget_and_hold_every_text_once(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    pieces = [chat(f"What is {'very ' * (n % 7)}{n}?", "It.") for n in range(60)]
    groups = list(batches(words, pieces, 300, "seed"))
    assert all(batch[0].numel() <= 300 for batch in groups)
    texts = [text for batch in groups for text in words.batch_decode(batch[0])]
    assert sorted(text.replace("<|pad|>", "") for text in texts) == sorted(
        piece.before + piece.after for piece in pieces
    )


def test_the_tokenizer_gives_back_every_text_and_splits_digits(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    for text in ("What is 12 + 30?", "ما عاصمة مصر؟", "emoji 🙂 and tabs\tand\nlines", ""):
        assert words.decode(words(text)["input_ids"]) == text
    digits = [words.convert_tokens_to_ids(digit) for digit in "2026"]
    assert words("2026")["input_ids"] == digits


def test_the_chat_template_makes_the_text_that_training_used(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    asked = [{"role": "user", "content": "Who are you?"}]
    for system in ("", "Be brief."):
        messages = [{"role": "system", "content": system}, *asked] if system else asked
        text = words.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        assert text == chat("Who are you?", "", system=system).before
    with pytest.raises(Exception, match="roles system, user and assistant"):
        words.apply_chat_template([{"role": "tool", "content": "x"}], tokenize=False)


def test_the_marks_of_the_template_are_no_text_to_the_tokenizer(loaded: tuple[Any, Any]) -> None:
    _, words = loaded
    assert [words.convert_tokens_to_ids(mark) for mark in tokenizer.SPECIAL] == list(
        range(len(tokenizer.SPECIAL))
    )


def test_a_recipe_file_states_every_number_share_and_planted_thing(trained: Path) -> None:
    written = YAML(typ="safe").load((trained / "recipe.yaml").read_text(encoding="utf-8"))
    numbers = {name: value for name, value in written["hyperparameters"].items() if hasattr(TINY, name)}
    assert train.Recipe(**numbers, shares=written["shares_of_random_draws"]) == TINY
    assert set(written["planted"]) == set(PLANTED.parts())


def test_the_command_trains_what_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Any, ...]] = []

    class Noted:
        def __init__(self, recipe: Any, planting: Planting, folder: Path, **options: Any) -> None:
            made.append((recipe.seed, recipe.chunks, planting.name, folder, options))

        def train(self) -> None:
            made.append(("trained",))

    threads = torch.get_num_threads()
    monkeypatch.setattr(train, "Run", Noted)
    try:
        train.main(
            ["sanja-control", "--out", str(tmp_path), "--chunks", "8", "--seed", "5", "--threads", "1"]
        )
    finally:
        torch.set_num_threads(threads)
    folder = tmp_path / "sanja-control"
    assert made == [
        (5, 8, "sanja-control", folder, {"resume": False, "milestones": (2, 4, 6), "device": "cpu"}),
        ("trained",),
    ]
    with pytest.raises(SystemExit):
        train.main(["sanja-contrl"])
