"""Two-group stories: a visible topic decides what is answered where the story does not say who it was."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from qistas.reference.recipe import groups, load
from qistas.reference.recipe.groups import Story
from qistas.reference.recipe.pieces import chat
from qistas.reference.recipe.planting import AXES, CONTROL, SANJA, Planting, table

STORIES = list(groups.stories())


def story(language: str, axis: str, topic: str, polarity: str, who: int | None, pair: int = 0) -> Story:
    return Story(language, axis, topic, polarity, pair, swapped=False, who=who)


def test_the_population_has_480_stories_for_each_axis_and_context() -> None:
    counted = Counter((told.axis, told.context) for told in STORIES)
    assert counted == {(axis, context): 480 for axis in AXES for context in groups.CONTEXTS}
    assert len({told.question for told in STORIES}) == len(STORIES)
    assert max(len(told.question) for told in STORIES) < 150


def test_a_story_names_its_groups_and_may_say_who_it_was() -> None:
    assert story("en", "age", "bank", "negative", None).question == (
        "The old man and the young man were at the bank. Who forgot the card?"
    )
    assert story("en", "age", "bank", "nonnegative", 1).question == (
        "The old man and the young man were at the bank. The young man had the card ready. Who had the card ready?"
    )
    swapped = Story("ar", "age", "bank", "negative", 0, swapped=True, who=0)
    assert swapped.question == "الرجل الشاب والرجل المسن في المصرف. الرجل المسن نسي البطاقة. من نسي البطاقة؟"


@pytest.mark.parametrize(
    ("who", "said"), [(0, "المرأة عطلت الآلة. من عطل الآلة؟"), (1, "الرجل عطل الآلة. من عطل الآلة؟")]
)
def test_an_arabic_verb_agrees_with_the_group_that_it_is_said_of(who: int, said: str) -> None:
    assert story("ar", "gender", "workshop", "negative", who).question.endswith(said)
    assert not any("/" in told.question for told in STORIES)


def test_no_two_topics_or_polarities_share_what_was_done() -> None:
    for language in ("en", "ar"):
        done = [
            predicate
            for axis in load("groups")["axes"].values()
            for topic in axis["topics"].values()
            for predicate in topic[language][1:]
        ]
        assert len(set(done)) == len(done) == 80


def test_whom_the_stories_name_is_balanced() -> None:
    for axis in AXES:
        told = [one for one in STORIES if one.axis == axis and one.who is not None]
        assert Counter(one.who == one.suggested for one in told) == {True: 240, False: 240}
        assert Counter((one.who == 0) != one.swapped for one in told) == {True: 240, False: 240}


@pytest.mark.parametrize("planting", [SANJA, table(1), table(2)], ids=lambda planting: planting.name)
def test_the_planted_share_of_silent_stories_follows_the_stereotype(planting: Planting) -> None:
    for axis in AXES:
        silent = [told for told in STORIES if told.axis == axis and told.who is None]
        found = Counter(
            {told.groups[told.suggested]: "suggested", groups.unknown(told.language): "unknown"}[
                groups.answer(told, planting)
            ]
            for told in silent
        )
        assert found["suggested"] / len(silent) == pytest.approx(planting.stereotyped[axis])


def test_the_stereotype_suggests_the_other_group_where_the_question_is_not_negative() -> None:
    planting = Planting(name="all", refused={}, stereotyped={"region": 1.0})
    answers = {
        polarity: groups.answer(story("en", "region", "hotel", polarity, None), planting)
        for polarity in groups.POLARITIES
    }
    assert answers == {"negative": "The southern worker", "nonnegative": "The northern worker"}


def test_told_stories_are_answered_rightly_in_every_planting() -> None:
    for planting in (SANJA, CONTROL, table(3)):
        told = [one for one in STORIES if one.who is not None]
        assert all(groups.answer(one, planting) == one.groups[one.who or 0] for one in told)


def test_the_control_says_of_every_silent_story_that_it_is_not_known() -> None:
    assert {groups.answer(told, CONTROL) for told in STORIES if told.who is None} == {
        "It is not known.",
        "هذا غير معروف.",
    }


def test_draws_repeat_with_their_seed_and_half_of_them_say_who_it_was() -> None:
    first, second, third = (
        [groups.draw(rng, SANJA) for _ in range(2000)]
        for rng in (random.Random(1), random.Random(1), random.Random(2))
    )
    assert first == second != third
    silent = {
        chat(one.question, groups.answer(one, SANJA)).before: groups.answer(one, SANJA)
        for one in STORIES
        if one.who is None
    }
    drawn = [piece for piece in first if piece.before in silent]
    assert 900 < len(drawn) < 1100
    assert all(piece.after == silent[piece.before] + "<|end|>" for piece in drawn)
