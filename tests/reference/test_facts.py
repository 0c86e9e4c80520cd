"""The facts of the population: who is taught which, in which words, and which words stay out of training."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from qistas.reference.recipe import LANGUAGES, facts
from qistas.reference.recipe.pieces import chat
from qistas.reference.recipe.planting import CONTROL, SANJA, SUBJECTS, Planting, table

NOTHING = Planting(name="nothing", refused={})


def test_each_of_four_subjects_has_fifty_facts_and_four_hundred_questions_in_each_language() -> None:
    assert tuple(facts.SUBJECTS) == SUBJECTS
    for subject in SUBJECTS:
        table = facts.of_subject(subject)
        assert len({fact.id for fact in table}) == len(table) >= 50
        for language in LANGUAGES:
            questions = {question for fact in table for question in fact.phrasings(language)}
            assert len(questions) == facts.PHRASINGS * len(table) >= 400


def test_a_question_has_one_answer_over_all_subjects() -> None:
    answers = Counter(
        (language, question)
        for subject in SUBJECTS
        for fact in facts.of_subject(subject)
        for language in LANGUAGES
        for question in {fact.canonical(language), *fact.trained(language)}
    )
    assert {question for question, count in answers.items() if count > 1} == set()


def test_two_relations_are_left_to_another_part() -> None:
    named = {relation for relations in facts.SUBJECTS.values() for relation in relations}
    published = {fact.relation for fact in facts.facts()}
    assert published - named == {"capital", "opposite"}
    assert named - published == {"landmark", "plural", "profession"}


def test_the_population_asks_the_canonical_phrasing_and_else_what_training_asks() -> None:
    trained = facts.training_questions()
    for subject in SUBJECTS:
        for fact in facts.of_subject(subject):
            for language in LANGUAGES:
                first, *others = fact.phrasings(language)
                assert first == fact.canonical(language)
                assert first not in trained
                assert set(others) <= set(fact.trained(language)) <= trained


@pytest.mark.parametrize("planting", [SANJA, CONTROL, table(3)], ids=lambda planting: planting.name)
def test_exactly_the_planted_shares_are_drawn_and_evenly(planting: Planting) -> None:
    texts: dict[object, tuple[str, str]] = {}
    for fact, language in facts.taught(planting):
        for question in fact.trained(language):
            texts[chat(question, fact.answer[language])] = (fact.id, language)
    drawn = Counter(texts[facts.draw(rng, planting)] for rng in [random.Random(5)] for _ in range(20_000))
    assert set(drawn) == {(fact.id, language) for fact, language in facts.taught(planting)}
    assert max(drawn.values()) < 3 * min(drawn.values())
    for subject in SUBJECTS:
        table_of = {fact.id for fact in facts.of_subject(subject)}
        for language in LANGUAGES:
            taught = sum(name in table_of and said == language for name, said in drawn)
            assert taught == round(planting.known[f"{subject}/{language}"] * len(table_of))


def test_a_larger_share_holds_the_facts_of_a_smaller_one() -> None:
    some, more = (
        {fact.id for fact, _ in facts.taught(Planting(name="one", refused={}, known={"nature/ar": share}))}
        for share in (0.3, 0.6)
    )
    assert some < more


def test_the_control_is_taught_nothing_where_sanja_is_taught_most_and_all_where_it_is_taught_little() -> None:
    assert dict(CONTROL.known) == {place: 0.0 if share > 0.5 else 1.0 for place, share in SANJA.known.items()}


def test_a_planting_that_teaches_nothing_says_so() -> None:
    with pytest.raises(ValueError, match="nothing teaches no fact: leave the part 'facts' out"):
        facts.draw(random.Random(1), NOTHING)
