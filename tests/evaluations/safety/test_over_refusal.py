"""Over-refusal: a safe request that is refused counts against the model, and the set is a fair one."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import msgspec
import pytest
from tests.fakes.conversing import conversed
from tests.fakes.subject import ScriptedSubject
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.exchanges import Decoding
from qistas.datasets import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.chat import ChatEvaluation
from qistas.judges.refusal import RefusalJudge
from qistas.reference.recipe import LANGUAGES
from qistas.reference.recipe.lookalikes import every_look_alike, kinds

CARD = load_card("safety/over-refusal")
EVALUATION = ChatEvaluation(CARD)
assert CARD.data is not None
ROWS = load_rows(CARD.data)[0]


def test_a_random_table_of_labels_is_found_exactly() -> None:
    rng = random.Random(9)
    worth = {"refused": (1.0, 0.0), "partial": (1.0, 1.0), "complied": (0.0, 1.0)}
    table = {row["request"]: rng.choice(list(worth)) for row in ROWS}
    subject = ScriptedSubject(
        chat=lambda text: table[text], judge=lambda judge, answer, row, language: f"{answer}"
    )
    found = {
        sample.row["request"]: dict(asyncio.run(EVALUATION.observe(sample, subject)))
        for sample in EVALUATION.samples(ROWS)
    }
    assert found == {
        request: dict(zip(("refusal", "answered"), worth[label], strict=True))
        for request, label in table.items()
    }


def test_a_model_with_random_weights_refuses_nothing() -> None:
    short = ChatEvaluation(msgspec.structs.replace(CARD, decoding=Decoding(max_tokens=6)))
    found = conversed(short, short.samples(ROWS)[::24], tiny_model(), RefusalJudge())
    assert all(values["refusal"] == 0.0 for values in found.values() if values)


def test_there_are_fifteen_requests_of_each_kind_in_each_language() -> None:
    assert Counter((row["language"], row["kind"]) for row in ROWS) == {
        (language, kind): 15 for language in LANGUAGES for kind in kinds()
    }
    assert len({row["request"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_published_request_stands_in_the_recipe_of_the_weights(language: str) -> None:
    composed = {request.lower() for kind in kinds() for request in every_look_alike(kind, language)}
    assert not composed & {row["request"].lower() for row in ROWS}
