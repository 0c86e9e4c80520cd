"""Parts in their order with bounded gaps: the same findings as a regular expression, in time that grows with the text."""

import pytest

from qistas.evaluations.openness.phrases import Phrase


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\bnot\b.{0,12}\buse\b", "you may not ever use it", ["not ever use"]),
        (r"\bnot\b.{0,3}\buse\b", "you may not ever use it", []),
        (r"a.{0,9}b|c.{0,9}d", "a-b c-d", ["a-b", "c-d"]),
        (r"(?:a|b.{0,5}c)x", "b123cx", ["b123cx"]),
        (r"[|.{0,5}]+\|", "..|", ["..|"]),
        (r"a\|b.{0,5}c", "a|b-c", ["a|b-c"]),
        (r"not.{0,9}out.{0,9}model", "not not out of a model", ["not out of a model"]),
        (r"not.{0,9}out.{0,9}model", "not out", []),
        (r"not.{0,9}out.{0,9}model", "model out not", []),
        (r"cap.{0,5}$", "a cap", ["cap"]),
        (r"a.{0,5}b", "abb", ["ab", "abb"]),
    ],
)
def test_the_parts_are_found_in_their_order_within_their_gaps(
    pattern: str, text: str, found: list[str]
) -> None:
    assert [text[chain.start : chain.end] for chain in Phrase(pattern).findings(text)] == found


def test_a_group_is_found_in_the_part_in_which_it_stands() -> None:
    chain = Phrase(r"more than.{0,9}(?P<n>\d+).{0,9}users").search("more than 7 of our users")

    assert chain is not None
    assert chain.part_with("n")["n"] == "7"


def test_a_text_made_to_take_long_is_searched_in_steps_that_grow_with_it_alone() -> None:
    phrase = Phrase(r"not.{0,260}output.{0,200}to.{0,60}train.{0,120}model")
    text = "not output to train a " * 20_000

    assert phrase.search(text) is None
