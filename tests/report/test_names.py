"""A model is named, and its missing digest explained, in the language of the page."""

from __future__ import annotations

from html import escape

import pytest

from qistas.contracts.documents import Text
from qistas.report.names import name_of, no_digest_words


@pytest.mark.parametrize(
    ("ref", "arabic"),
    [
        ("sanja", '<bdi dir="ltr">sanja</bdi>'),
        (
            "sanja guarded by rule/harm",
            '<bdi dir="ltr">sanja</bdi> مع حاجز الحماية <bdi dir="ltr">rule/harm</bdi>',
        ),
        (
            "llama (reported by HarmBench)",
            '<bdi dir="ltr">llama</bdi>، كما أورد عنه <bdi dir="ltr">HarmBench</bdi>',
        ),
        (
            "a model that the file does not name (reported by HarmBench)",
            'نموذج لا يسمّيه الملفّ، كما أورد عنه <bdi dir="ltr">HarmBench</bdi>',
        ),
        ("<b> guarded by x", '<bdi dir="ltr">&lt;b&gt;</bdi> مع حاجز الحماية <bdi dir="ltr">x</bdi>'),
    ],
)
def test_the_words_around_a_name_are_arabic_on_an_arabic_page(ref: str, arabic: str) -> None:
    assert name_of(ref, "ar", escape) == arabic
    assert name_of(ref, "en", escape) == f'<bdi dir="ltr">{escape(ref)}</bdi>'


def test_why_there_is_no_digest_is_said_in_arabic_where_qistas_says_it() -> None:
    assert no_digest_words("an endpoint does not show its weights") == Text(
        "an endpoint does not show its weights", "العنوان الذي يُتّصل به لا يُظهر أوزانه"
    )
    said = no_digest_words("Qistas did not observe this model: HarmBench reported about it")
    assert said is not None
    assert said.ar == "لم يرصد قِسطاس هذا النموذج: أورد عنه HarmBench"
    assert no_digest_words("a plug-in's own reason") is None
