"""A template takes columns by name and can do nothing else."""

from __future__ import annotations

import pytest

from qistas.standards.template import columns, fill


def test_columns_are_named_once_in_order() -> None:
    assert columns("{question} {{json}} {سؤال} {question}\n{a_1}") == ("question", "سؤال", "a_1")


def test_values_are_put_in_and_braces_within_them_stay() -> None:
    row = {"question": "What is {answer}?", "n": 3}
    assert fill("{question} {n} {{x}}", row) == "What is {answer}? 3 {x}"


@pytest.mark.parametrize(
    "template", ["{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{}", "{0}", "{ a }", "{a", "a}", "{{a}"]
)
def test_anything_but_a_column_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="does not hold a column's name"):
        columns(template)
