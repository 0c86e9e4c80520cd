"""A licence text that may be meant for the code alone is not the weights' where the documents put those under other terms."""

from __future__ import annotations

import pytest
from tests.evaluations.openness.test_european_index import APACHE
from tests.evaluations.openness.test_framework import listing

from qistas.evaluations.openness.european_index import european_index
from qistas.evaluations.openness.framework import mof
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.osaid import osaid
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.weights_terms import weights_terms

CARD = "---\nlicense: apache-2.0\n---\n"


def release(readme: str, *, licence: bool = True) -> ReleaseRecord:
    texts = {"README.md": f"{readme}\n"} | ({"LICENSE": APACHE} if licence else {})
    made = listing(texts, "model.safetensors")
    return ReleaseRecord(made, read_licences(ReleaseRecord(made)))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        (
            "The weights may only be used for academic research; contact us for commercial licences.",
            "restricted",
        ),
        ("Pretrained models are for non-commercial use only (CC-BY-NC 4.0).", "restricted"),
        ("The model is for research purposes only.", "restricted"),
        ("أوزان النموذج للاستعمال غير التجاري.", "restricted"),
        ("The model weights are under a separate license.", "separate"),
        ("Model weights: see [MODEL_LICENSE](https://example.org/license).", "separate"),
        ("The code in this repository is under Apache 2.0.", "code_only"),
        ("Code: Apache-2.0.", "code_only"),
        ("Code and weights are released under Apache 2.0.", "unsaid"),
        ("The model is not for non-commercial use only: commercial use is welcome.", "unsaid"),
        ("The model is intended for research only.", "unsaid"),
        ("Models are free for research and commercial use.", "unsaid"),
        ("Unlike ours, their weights are for research only.", "unsaid"),
        ("Our code is based on code licensed under MIT.", "unsaid"),
        ("# Sea", "unsaid"),
    ],
)
def test_sentences_put_the_weights_under_other_terms_or_do_not(text: str, terms: str) -> None:
    assert weights_terms(release(text)).value == terms


@pytest.mark.parametrize(
    ("text", "index", "component", "parameters"),
    [
        ("# Sea", ("open", "nothing-but-the-model"), ("Apache-2.0", True), "not_blocked"),
        (
            "The weights may only be used for research.",
            ("closed", "weights-restricted"),
            (None, False),
            "blocked",
        ),
        ("Code: Apache-2.0.", ("undetermined", "undetermined"), (None, None), "undetermined"),
        (
            "Code: Apache-2.0. Model weights: see [MODEL_LICENSE](https://example.org/l).",
            ("undetermined", "undetermined"),
            (None, None),
            "undetermined",
        ),
    ],
)
def test_every_projection_leaves_the_licence_text_to_the_code(
    text: str, index: tuple[str, str], component: tuple[str | None, bool | None], parameters: str
) -> None:
    record = release(text)
    licenses = european_index(record)["licenses"]
    weights = mof(record).components["model-parameters-final"]

    assert (licenses.value, licenses.rule) == index
    assert (weights.licence, weights.open) == component
    assert osaid(record).parts["parameters"].value == parameters


def test_a_card_that_names_its_licence_means_the_model_whatever_the_code_is_under() -> None:
    record = release(f"{CARD}The code is under Apache 2.0.", licence=False)

    assert european_index(record)["licenses"].rule == "weights-open"
    assert mof(record).components["model-parameters-final"].open is True


def test_the_words_that_restrict_the_weights_are_quoted() -> None:
    said = "Pretrained models are for non-commercial use only."
    record = release(f"The code is MIT-licensed. {said}")

    assert [quote.quote for quote in european_index(record)["licenses"].evidence] == [said]
    assert said in [quote.quote for quote in mof(record).components["model-parameters-final"].evidence]
