"""One evaluation without a standard: every sample belongs to a number, by group or by language."""

from __future__ import annotations

import pytest

from qistas.api.weighing import bare_standard
from qistas.contracts.records import Sample
from qistas.evaluations.cards import load_card


def samples(*strata: dict[str, str]) -> list[Sample]:
    return [
        Sample(evaluation="any", id=str(number), cluster=str(number), strata=parts, row={})
        for number, parts in enumerate(strata)
    ]


@pytest.mark.parametrize(
    ("strata", "expected"),
    [
        (
            [{"language": "ar"}, {"language": "fr"}, {"language": "en"}],
            [
                ({"language": "en"}, ", in English"),
                ({"language": "ar"}, ", in Arabic"),
                ({"language": "fr"}, ", in the language fr"),
            ],
        ),
        (
            [{"language": "en", "group": "training"}, {"language": "ar", "group": "other"}],
            [({"group": "other"}, ", group other"), ({"group": "training"}, ", group training")],
        ),
        ([{"language": "en", "group": "one"}], [({"language": "en"}, ", in English")]),
        ([{"framework_class": "1"}], [({}, "")]),
        ([], [({}, "")]),
    ],
    ids=["languages", "groups", "one group", "neither", "no samples"],
)
def test_samples_are_kept_apart_by_group_or_else_by_language(
    strata: list[dict[str, str]], expected: list[tuple[dict[str, str], str]]
) -> None:
    card = load_card("safety/direct")
    criteria = bare_standard(card, samples(*strata), None).criteria
    assert [(c.metric, c.where, c.title.en) for c in criteria] == [
        (metric.id, where, metric.title.en + said) for metric in card.metrics for where, said in expected
    ]
