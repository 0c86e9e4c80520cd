"""No card or licence takes long, or breaks anything, whatever is written into it."""

import random

import msgspec
import pytest
from tests.evaluations.openness.test_licences import HERON, MIT, listing
from tests.fakes.timing import seconds_of

from qistas.contracts.openness import Assessment
from qistas.evaluations.openness.assessment import assess
from qistas.evaluations.openness.licence_exact import standing_in
from qistas.evaluations.openness.licence_words import words_of
from qistas.evaluations.openness.release_texts import read_document

MOST_SECONDS = 2.0
CARD = (
    "---\nlicense: apache-2.0\nbase_model: a/b\ndatasets: [c/d]\n---\n# Heron\n\nThe model is licensed under MIT.\n"
    "## Training data\nTrained on 3 trillion tokens of [c/d](https://example.org/c/d), on 8 A100 GPUs for 3 days.\n"
    "| data | licence |\n|---|---|\n| c/d | CC-BY-4.0 |\n```\ncode\n```\n**Weights**\nرخصة النموذج Apache-2.0. 禁止商业用途。\n"
)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """The packaged rules are read once, by the first assessment."""
    weigh({"README.md": CARD, "LICENSE": MIT})


def weigh(texts: dict[str, str]) -> tuple[Assessment, float]:
    made, taken = seconds_of(lambda: assess(listing(texts), read_on=None), below=MOST_SECONDS)
    assert msgspec.json.decode(msgspec.json.encode(made))
    return made, taken


@pytest.mark.parametrize("file", ["README.md", "LICENSE"])
@pytest.mark.parametrize("piece", ["the model is licensed under ", "weights: MIT\n", "# a\n"])
def test_a_text_that_says_one_thing_again_and_again_is_read_in_time(file: str, piece: str) -> None:
    _, taken = weigh({file: piece * (300_000 // len(piece))})

    assert taken < MOST_SECONDS


def test_a_text_that_begins_a_long_licence_again_and_again_is_compared_in_time() -> None:
    words = words_of("GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007 Copyright " * 6_000)
    found, taken = seconds_of(lambda: standing_in(words), below=MOST_SECONDS)

    assert found == ()
    assert taken < MOST_SECONDS


@pytest.mark.parametrize(
    "front",
    [
        "".join(f"k{i}: v\n" for i in range(20_000)),
        "datasets:\n" + "- a/b\n" * 20_000,
        "".join(" " * i + "a:\n" for i in range(700)),
        "a: " + "{a: " * 3_000 + "}" * 3_000 + "\n",
        'license: "' + "\\\\" * 100_000 + '"\n',
    ],
    ids=["keys", "entries", "depth", "brackets", "quotes"],
)
def test_front_matter_made_to_be_slow_is_read_in_time(front: str) -> None:
    _, taken = seconds_of(lambda: read_document(f"---\n{front}---\n# Heron\n"), below=MOST_SECONDS)

    assert taken < MOST_SECONDS


def test_of_long_front_matter_the_fields_that_fit_are_read_wherever_they_stand() -> None:
    long = "model-index:\n" + "- name: a\n" * 3_000
    fields = read_document(f"---\n{long}license: mit\n---\n").fields

    assert (fields["license"], len(fields["model-index"])) == ("mit", 798)


def test_half_characters_in_fields_and_configurations_are_replaced() -> None:
    half = "\\ud800"
    card = f'---\nlicense: "{half}"\nlicense_name: "{half}"\ndatasets: ["a/{half}"]\n"k{half}": "\\ud83d\\ude00"\n---\n'
    config = f'{{"model_type": "{half}", "architectures": ["{half}"], "_name_or_path": "a/{half}b"}}'

    assert read_document(card).fields["k\ufffd"] == "😀"
    made, _ = weigh({"README.md": card, "config.json": config})
    assert made.licences[0].name == "\ufffd"


@pytest.mark.parametrize("seed", range(12))
def test_mutated_cards_and_licences_are_assessed_in_time(seed: int) -> None:
    chance = random.Random(seed)
    card, licence = _mutated(CARD, chance), _mutated(MIT + HERON, chance)
    _, taken = weigh({"README.md": card, "LICENSE": licence})

    assert taken < MOST_SECONDS


def _mutated(text: str, chance: random.Random) -> str:
    """The text with pieces repeated, removed and swapped for signs that parsers trip over."""
    for _ in range(chance.randrange(1, 12)):
        low = chance.randrange(len(text))
        high = min(len(text), low + chance.randrange(1, 60))
        piece = text[low:high]
        change = chance.choice(
            [
                piece * chance.randrange(2, 900),
                "",
                piece[::-1],
                chance.choice("[](){}|`*#\r\0\u200f\ud800\u0130<") * 50,
            ]
        )
        text = text[:low] + change.replace("\ud800", "\ufffd") + text[high:]
    return text[:300_000]
