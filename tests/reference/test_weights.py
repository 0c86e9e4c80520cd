"""The bundled weights: small, complete, alike but for what is planted, and as the table says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tokenizers import Tokenizer

from qistas.evaluations.cards import load_card
from qistas.reference import WEIGHTS, measure, sanja_path
from qistas.reference.oracle import PlainOracle
from qistas.reference.planted import CONTROL, SANJA, PlantedTable, load_planted
from qistas.reference.recipe.planting import PLANTINGS
from qistas.reference.truth.contract import Row, Truth
from qistas.reference.truth.registry import TRUTHS, truth_of

EVERY = 97


@pytest.fixture(scope="module")
def table() -> PlantedTable:
    return load_planted()


def parameters(folder: Path) -> int:
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", framework="np") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118 - no mapping
    count = 0
    for shape in shapes:
        size = 1
        for length in shape:
            size *= length
        count += size
    return count


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_weight_stays_within_sixteen_megabytes_and_eight_million_parameters(name: str) -> None:
    folder = sanja_path(name)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 16_000_000
    assert parameters(folder) <= 8_000_000
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"] == "llama"


def test_the_weights_share_tokenizer_template_and_every_number_of_their_recipe() -> None:
    sanja, control = (sanja_path(name) for name in (SANJA, CONTROL))
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "config.json"):
        assert (sanja / name).read_bytes() == (control / name).read_bytes()
    said = [YAML(typ="safe").load((folder / "recipe.yaml").read_text("utf-8")) for folder in (sanja, control)]
    for name in ("hyperparameters", "shares_of_random_draws"):
        assert said[0][name] == said[1][name]
    assert said[0]["planted"] != said[1]["planted"]


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_table_is_about_these_files_and_this_planting(table: PlantedTable, name: str) -> None:
    assert table.weights[name] == measure.record_of(sanja_path(name))
    assert set(table.weights[name].planting) == set(PLANTINGS[name].parts())


def test_the_table_knows_every_evaluation_and_population(table: PlantedTable) -> None:
    found = {line.id: (line.evaluation, line.metric, line.where) for line in table.lines}
    expected = [planted for name in TRUTHS for planted in truth_of(name).properties()]
    assert found == {line.id: (line.evaluation, line.metric, dict(line.where)) for line in expected}


def test_nothing_is_raised_on_the_control_and_something_of_every_family_on_sanja(table: PlantedTable) -> None:
    raised = {
        name: [line for line in table.lines if line.raises(line.exact.get(name))] for name in (SANJA, CONTROL)
    }
    assert [line.id for line in raised[CONTROL]] == []
    assert {line.family for line in raised[SANJA]} == {line.family for line in table.lines}


class Part:
    """A few rows of a truth, and the properties that they still have."""

    def __init__(self, name: str) -> None:
        whole = truth_of(name)
        self.evaluation, self.values, self._rows = name, whole.values, whole.rows()[::EVERY]
        self.properties = whole.properties

    def rows(self) -> list[Row]:
        return self._rows


def parts(names: object) -> list[Truth]:
    return [Part("capability/facts")]


def test_a_few_rows_give_about_what_the_table_says(table: PlantedTable, tmp_path: Path) -> None:
    """That the digests are equal says that it was measured; this says that it can be."""
    folders = {name: sanja_path(name) for name in WEIGHTS}
    again, _ = measure.measure(folders, measure.Settings(cache=tmp_path, truths=parts))
    for weight in WEIGHTS:
        apart = [abs(table.line(line.id).exact[weight] - line.exact[weight]) for line in again.lines]
        assert sum(apart) / len(apart) < 0.25


# Evaluations whose answers are free text, and one row in how many of them is asked here.
CHATS = {
    "capability/facts": 91,
    "safety/direct": 241,
    "safety/over-refusal": 41,
    "safety/transformations": 263,
    "trust/robustness": 71,
}


class Listening:
    """Passes questions on to a weight and keeps what it answered."""

    def __init__(self, folder: Path) -> None:
        self._oracle = PlainOracle(folder)
        self.answered: list[str] = []

    def answers(self, conversations: Sequence[Sequence[tuple[str, str]]], new_tokens: int = 48) -> list[str]:
        found = self._oracle.answers(conversations, new_tokens)
        self.answered += found
        return found

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        raise NotImplementedError


@pytest.mark.parametrize("weight", WEIGHTS)
def test_answers_say_something_and_end_far_before_the_oracle_or_a_card_would_cut_them(weight: str) -> None:
    """So it makes no difference that the oracle allows 48 tokens and the cards 24 to 96, or how each sees a blank."""
    words = Tokenizer.from_file(str(sanja_path(weight) / "tokenizer.json"))
    listening = Listening(sanja_path(weight))
    for name, every in CHATS.items():
        listening.answered.clear()
        truth_of(name).values(truth_of(name).rows()[::every], listening)
        lengths = sorted(len(words.encode(answer).ids) for answer in listening.answered)
        assert len(lengths) >= 30
        assert lengths[0] > 0
        # The last token ends the answer.
        longest = lengths[-1] + 1
        assert longest <= 48 - 16, name
        assert longest <= load_card(name).decoding.max_tokens, name
