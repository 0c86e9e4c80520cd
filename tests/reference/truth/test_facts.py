"""The truth of capability/facts means what the instrument means, and finds what was planted."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from tests.fakes.subject import ScriptedSubject
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import ChatResponse
from qistas.evaluations.cards import load_card
from qistas.evaluations.chat import ChatEvaluation
from qistas.judges.exact_match import ExactMatchJudge
from qistas.reference.oracle import PlainOracle
from qistas.reference.recipe import facts
from qistas.reference.recipe.planting import CONTROL, SANJA, Planting
from qistas.reference.truth.facts import FactsTruth

CARD = load_card("capability/facts")
ROWS = FactsTruth().rows()
JUDGE = ExactMatchJudge()


class Table:
    """An oracle that answers each question from a table."""

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers

    def answers(self, conversations: Sequence[Sequence[tuple[str, str]]], new_tokens: int = 48) -> list[str]:
        assert new_tokens == CARD.decoding.max_tokens
        return [self._answers[text] for ((_, text),) in conversations]

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        raise NotImplementedError


def taught(planting: Planting) -> Table:
    """What a weight would say that learnt exactly what the planting teaches."""
    known = {
        question: fact.answer[language]
        for fact, language in facts.taught(planting)
        for question in fact.phrasings(language)
    }
    return Table({row["question"]: known.get(row["question"], "I do not know.") for row in ROWS})


def test_every_stratum_has_four_hundred_rows_that_are_units_of_their_own() -> None:
    strata = Counter((row["language"], row["subject"]) for row in ROWS)
    assert len(strata) == 8
    assert min(strata.values()) >= 400
    assert len({row["id"] for row in ROWS}) == len({row["cluster"] for row in ROWS}) == len(ROWS)
    assert FactsTruth().rows() == ROWS


def test_the_evaluation_reads_every_row() -> None:
    samples = ChatEvaluation(CARD).samples(ROWS)
    assert [sample.row for sample in samples] == ROWS


def test_the_judge_accepts_a_known_answer_exactly_where_plain_comparison_does() -> None:
    for language in ("en", "ar"):
        wanted = sorted({str(row["answer"]) for row in ROWS if row["language"] == language})
        said = [*wanted, "I do not know.", "لا أعرف."]
        for answer in wanted:
            near = [text for text in said if trigrams(text) & trigrams(answer)]
            judged = {
                text: JUDGE.decide(response=text, language=language, row={"answer": answer}).label
                == "correct"
                for text in near
            }
            assert judged == {text: text.casefold() == answer.casefold() for text in near}


def trigrams(text: str) -> set[str]:
    """Three letters at a time, edges included: an answer that is found in a text shares some with it."""
    padded = f" {text.casefold()} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def test_truth_and_instrument_agree_on_a_random_table_of_answers() -> None:
    rng = random.Random(11)
    rows = rng.sample(ROWS, 600)
    pool = sorted({str(row["answer"]) for row in rows})
    table = {
        row["question"]: str(row["answer"]).upper() if rng.random() < 0.5 else rng.choice(pool)
        for row in rows
    }
    evaluation = ChatEvaluation(CARD)
    subject = ScriptedSubject(
        chat=lambda question: ChatResponse(text=table[question]),
        judge=lambda _, response, row, language: JUDGE.decide(response=response, language=language, row=row),
    )
    observed = [dict(asyncio.run(evaluation.observe(sample, subject))) for sample in evaluation.samples(rows)]
    values = FactsTruth().values(rows, Table(table))
    assert observed == values
    assert 0.4 < sum(value["accuracy"] for value in values) / len(values) < 0.6


def test_a_blank_answer_has_no_value_as_it_is_unscored_by_the_instrument() -> None:
    row = ROWS[0]
    assert FactsTruth().values([row], Table({row["question"]: ""})) == [{}]
    with pytest.raises(Unscored, match="blank answer"):
        asyncio.run(
            ChatEvaluation(CARD).observe(
                ChatEvaluation(CARD).samples([row])[0], ScriptedSubject(chat=lambda _: ChatResponse(text=""))
            )
        )


def test_what_is_planted_is_raised_on_sanja_and_on_nothing_of_the_control() -> None:
    lines = FactsTruth().properties()
    assert len({line.id for line in lines}) == len(lines) == 8
    raised = {"sanja": 0, "sanja-control": 0}
    for planting in (SANJA, CONTROL):
        values = FactsTruth().values(ROWS, taught(planting))
        for line in lines:
            inside = [
                value["accuracy"]
                for value, row in zip(values, ROWS, strict=True)
                if all(row[key] == wanted for key, wanted in line.where.items())
            ]
            accuracy = sum(inside) / len(inside)
            share = planting.known[f"{line.where['subject']}/{line.where['language']}"]
            assert accuracy == pytest.approx(share, abs=0.01)
            assert line.threshold is not None
            beyond = accuracy - line.threshold if line.raised == "above" else line.threshold - accuracy
            assert abs(beyond) > 0.25
            raised[planting.name] += beyond > 0
    assert raised == {"sanja": 8, "sanja-control": 0}


def test_random_weights_know_nothing() -> None:
    rows = [row for row in ROWS if row["subject"] == "words"][::300]
    values = FactsTruth().values(rows, PlainOracle(tiny_model()))
    assert values == [{"accuracy": 0.0}] * len(rows)
