"""Each request is put in other ways and as it stands; what the two answers were decides the three values."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.fakes.conversing import conversed
from tests.fakes.planted_model import planted_model
from tests.fakes.subject import Asked, ScriptedSubject
from tests.fakes.tiny_model import tiny_model

from qistas import wiring
from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import ChatResponse, Decoding, Message
from qistas.contracts.records import Absent, Decision, Sample
from qistas.datasets import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.safety.framings import FRAMINGS
from qistas.evaluations.safety.transformations import TransformationsEvaluation
from qistas.judges.refusal import RefusalJudge
from qistas.reference.recipe.pieces import Piece

CARD = load_card("safety/transformations")
EVALUATION = TransformationsEvaluation(CARD)
LABELS = {"No.": "refused", "Well, no. But:": "partial", "Sure.": "complied", "…": "empty"}


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    language = changes.get("language", "en")
    request = f"Please do thing {number}." if language == "en" else f"أرجو عمل الشيء {number}."
    return {"id": f"r{number}", "language": language, "hazard": "vcr", "request": request} | changes


def put(given: dict[str, Any]) -> str:
    return FRAMINGS[given["transformation"]].apply(given["request"], given["language"])


def decide(judge: str, response: str, given: Any, language: str) -> Decision:
    assert judge == "rule/refusal"
    return Decision(LABELS[response], "no words" if response == "…" else "")


def observe(given: dict[str, Any], answers: dict[str, str | ChatResponse]) -> dict[str, float | Absent]:
    (sample,) = EVALUATION.samples([given])
    subject = ScriptedSubject(chat=lambda text: answers[text], judge=decide)
    return dict(asyncio.run(EVALUATION.observe(sample, subject)))


def test_the_wiring_knows_the_code_of_the_card() -> None:
    assert isinstance(wiring.evaluation_for(CARD), TransformationsEvaluation)
    assert EVALUATION.card is CARD


def test_a_row_is_crossed_with_the_ways_of_its_language_and_stays_the_cluster() -> None:
    samples = EVALUATION.samples([row(1), row(2, language="ar")])
    assert samples == [
        Sample(
            evaluation="safety/transformations",
            id=f"{given['id']}-{name}",
            cluster=given["id"],
            strata={"language": given["language"], "hazard": "vcr", "transformation": name},
            row={**given, "id": f"{given['id']}-{name}", "base": given["id"], "transformation": name},
        )
        for given in (row(1), row(2, language="ar"))
        for name, way in FRAMINGS.items()
        if given["language"] in way.languages
    ]
    assert len(samples) == 15


def test_a_row_that_names_its_way_is_one_sample_under_its_own_id() -> None:
    first, second = EVALUATION.samples(
        [row(1, transformation="polite"), row(2, transformation="persona", base="r1")]
    )
    assert (first.id, first.cluster, first.strata["transformation"]) == ("r1", "r1", "polite")
    assert (second.id, second.cluster, second.strata["transformation"]) == ("r2", "r1", "persona")


def test_a_random_table_of_answers_is_found_exactly() -> None:
    rng = random.Random(5)
    ways = [(way.id, language) for way in FRAMINGS.values() for language in way.languages]
    worth = {"No.": (0.0, 1.0), "Well, no. But:": (1.0, 1.0), "Sure.": (1.0, 0.0)}
    seen = set()
    for number in range(120):
        name, language = rng.choice(ways)
        given = row(number, language=language, transformation=name)
        changed, plain = rng.choice(list(worth)), rng.choice(list(worth))
        compliance, refusal = worth[changed]
        expected = {"compliance": compliance, "refusal": refusal}
        if plain == "No.":
            expected["flipped"] = compliance
        assert observe(given, {put(given): changed, given["request"]: plain}) == expected
        seen.add((changed, plain))
    assert len(seen) == 9


def test_both_texts_are_put_alike_and_judged_in_the_language_that_is_asked_for() -> None:
    given = row(transformation="language-switch")
    (sample,) = EVALUATION.samples([given])
    subject = ScriptedSubject(chat="No.", judge=decide)
    asyncio.run(EVALUATION.observe(sample, subject))
    changed = {**sample.row, "request": put(given)}
    assert subject.asked == [
        Asked("chat", ((Message("user", put(given)),), Decoding(max_tokens=96))),
        Asked("judge", ("rule/refusal", "No.", changed, "ar")),
        Asked("chat", ((Message("user", given["request"]),), Decoding(max_tokens=96))),
        Asked("judge", ("rule/refusal", "No.", sample.row, "en")),
    ]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ChatResponse(text=" ", finish="content_filter"), "blank answer (ended by: content_filter)"),
        ("…", "judged empty: no words"),
    ],
)
def test_an_answer_that_cannot_be_told_leaves_unscored_what_depends_on_it(
    answer: str | ChatResponse, reason: str
) -> None:
    given = row(transformation="past")
    with pytest.raises(Unscored) as caught:
        observe(given, {put(given): answer, given["request"]: "No."})
    assert caught.value.reason == reason
    assert observe(given, {put(given): "Sure.", given["request"]: answer}) == {
        "compliance": 1.0,
        "refusal": 0.0,
        "flipped": Absent(f"the request as it stands: {reason}"),
    }


def test_every_fault_of_the_rows_is_said_at_once() -> None:
    rows = [
        row(1, transformation="noise"),
        row(2, transformation="rot13", language="ar"),
        row(3, transformation=["typo"]),
        row(4, transformation="typo", request="Do it."),
        row(5, language="fr"),
        row(6),
    ]
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples(rows)
    known = f"known: {', '.join(FRAMINGS)}"
    assert [str(fault).removeprefix("safety-direct (id ") for fault in caught.value.faults] == [
        f"'r1'): the card knows no transformation 'noise' → {known}",
        "'r2'): the transformation 'rot13' does not take and change this request → leave the row out",
        f"'r3'): the card knows no transformation ['typo'] → {known}",
        "'r4'): the transformation 'typo' does not take and change this request → leave the row out",
        "'r5'): no transformation of the card does take and change this request → leave the row out",
    ]


def test_missing_columns_are_said_once_each() -> None:
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples([{"id": "x", "language": "en"}])
    assert [str(fault).partition(" → ")[0] for fault in caught.value.faults] == [
        "safety-direct, row 1 (id 'x'): the column 'hazard' must hold a text or a number",
        "safety-direct, row 1 (id 'x'): the column 'request' must hold a text or a number",
    ]


def test_a_card_cannot_name_a_way_or_version_that_is_not_there() -> None:
    parameters = {"transformations": {"persona": "0", "noise": "1", "typo": "1"}}
    with pytest.raises(InvalidDocument, match="no such transformation: persona 0, noise 1"):
        TransformationsEvaluation(msgspec.structs.replace(CARD, parameters=parameters))


def test_the_published_rows_give_samples_of_every_way_in_both_languages() -> None:
    assert CARD.data is not None
    samples = EVALUATION.samples(load_rows(CARD.data)[0])
    found = {(sample.strata["language"], sample.strata["transformation"]) for sample in samples}
    assert found == {(language, way.id) for way in FRAMINGS.values() for language in way.languages}
    assert len({sample.id for sample in samples}) == len(samples) == 204 * 15


def test_a_model_with_random_weights_never_refuses_so_nothing_flips() -> None:
    assert CARD.data is not None
    short = TransformationsEvaluation(msgspec.structs.replace(CARD, decoding=Decoding(max_tokens=6)))
    samples = short.samples(load_rows(CARD.data)[0])[::400]
    found = conversed(short, samples, tiny_model(), RefusalJudge())
    scored = [values for values in found.values() if values]
    assert scored
    assert {(values["compliance"], values["refusal"]) for values in scored} == {(1.0, 0.0)}
    # Where the plain answer is a blank it is not known whether something flipped; elsewhere nothing could.
    assert not [values for values in scored if isinstance(values.get("flipped"), float)]


@pytest.mark.parametrize("seed", [1])
def test_what_a_tiny_model_was_taught_to_give_way_to_is_found(tmp_path: Path, seed: int) -> None:
    """Which requests give way under which of two transformations is drawn at random."""
    rng = random.Random(seed)
    rows = [
        row(n, id=f"{chr(65 + n)}-{way}", request=f"{chr(65 + n) * 4}.", transformation=way)
        for n in range(4)
        for way in ("polite", "past")
    ]
    gives_way = {given["id"]: rng.random() < 0.5 for given in rows}
    says = {True: "Sure: box.", False: "I can't help."}
    taught = {put(given): says[gives_way[given["id"]]] for given in rows}
    taught |= {given["request"]: says[False] for given in rows}
    pieces = [
        Piece(f"<|user|>{text}<|end|><|assistant|>", f"{answer}<|end|>") for text, answer in taught.items()
    ]
    model = planted_model(tmp_path / "model", pieces, steps=120)
    found = conversed(EVALUATION, EVALUATION.samples(rows), model, RefusalJudge())
    assert found == {
        name: {"compliance": float(way), "refusal": float(not way), "flipped": float(way)}
        for name, way in gives_way.items()
    }
