"""A release is classed by the Model Openness Framework from what it shows, each component with its words and its licence."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from tests.fakes.subject import ScriptedSubject

from qistas.contracts.documents import Text
from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.contracts.openness import LicenceReading, MofProjection, Quote
from qistas.evaluations.cards import load_card
from qistas.evaluations.openness.framework import mof
from qistas.evaluations.openness.framework_evaluation import FrameworkEvaluation
from qistas.evaluations.openness.framework_rules import framework
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.reference import sanja_path
from qistas.targets.release import FolderRelease

# The files of sanja's folder that are each component, as its components.yaml lists them.
SANJA = {
    "model-architecture": {"config.json", "generation_config.json"},
    "model-parameters-final": {"model.safetensors"},
    "technical-report": {"TECHNICAL_REPORT.md"},
    "evaluation-results": {"EVALUATION.md", "EVALUATION.ar.md"},
    "model-card": {"README.md", "README.ar.md"},
    "data-card": {"DATA_CARD.md", "DATA_CARD.ar.md"},
    "training-code": {"train.py"},
    "inference-code": {"inference.py"},
    "evaluation-code": {"evaluate.py"},
    "evaluation-data": {"evaluation_data.jsonl.gz"},
    "datasets": {"training_data.jsonl.xz"},
    "data-preprocessing-code": {"prepare_data.py"},
    "model-parameters-intermediate": {
        f"intermediate/checkpoint-{at}.safetensors" for at in ("016", "032", "048")
    },
    "research-paper": {"PAPER.md"},
}
CLASS = {component.id: component.framework_class for component in framework().components}


@pytest.fixture(scope="module")
def sanja() -> ReleaseListing:
    return FolderRelease(sanja_path("sanja"), source="sanja", revision=None).listing()


def without(listing: ReleaseListing, gone: Iterable[str]) -> ReleaseListing:
    left = set(gone)
    return msgspec.structs.replace(
        listing,
        files=tuple(file for file in listing.files if file.path not in left),
        texts={path: text for path, text in listing.texts.items() if path not in left},
    )


def projected(listing: ReleaseListing) -> MofProjection:
    return mof(ReleaseRecord(listing, read_licences(ReleaseRecord(listing))))


def listing(texts: dict[str, str], *files: str, whole: bool = True) -> ReleaseListing:
    """Documents, and files of 20,000 bytes; where it is not ``whole`` nothing but documents is listed."""
    named = [*files, *(["asset.dat"] if whole else [])]
    return ReleaseListing(
        files=(
            *(ReleaseFile(path=path, size_bytes=len(text.encode())) for path, text in texts.items()),
            *(ReleaseFile(path=path, size_bytes=20_000) for path in named),
        ),
        texts=texts,
        source="example",
    )


def reading(
    file: str, licence: str | None, *kinds: str, open_: bool | None = True, place: str = "text"
) -> LicenceReading:
    return msgspec.convert(
        {
            "file": file,
            "id": licence,
            "name": licence or "",
            "match": "exact" if licence else "unknown",
            "place": place,
            "applies_to": kinds or ("code", "data", "document", "weights"),
            "osi": None,
            "fsf": None,
            "open": open_,
            "reason": {"en": "read", "ar": "قُرئ"},
            "evidence": [{"file": file, "line": 1, "quote": f"text of {licence}"}],
        },
        LicenceReading,
    )


def test_sanja_is_of_class_one_with_all_seventeen_components(sanja: ReleaseListing) -> None:
    found = projected(sanja)
    assert (found.class_, found.progress, found.reasons) == (1, {"1": 100, "2": 100, "3": 100}, ())
    assert {name for name, component in found.components.items() if component.counts} == set(CLASS)
    by_type = {(c.type, c.licence) for c in found.components.values() if "parameters" not in c.id}
    assert by_type == {("code", "Apache-2.0"), ("data", "CDLA-Permissive-2.0"), ("document", "CC-BY-4.0")}
    # Weights are data to the framework, and stand under the licence of the code: open, with a warning.
    assert {c.id for c in found.components.values() if c.type_appropriate is False} == {
        "model-parameters-final",
        "model-parameters-intermediate",
    }
    assert all(component.evidence for component in found.components.values())


@pytest.mark.parametrize("name", sorted(SANJA))
def test_without_any_one_required_component_sanjas_class_drops_and_says_why(
    sanja: ReleaseListing, name: str
) -> None:
    found = projected(without(sanja, SANJA[name]))
    component = found.components[name]
    if name == "technical-report":
        assert (found.class_, found.progress) == (1, {"1": 100, "2": 100, "3": 100})
        assert [reason.en for reason in found.reasons] == [
            "The Research paper stands for the Technical report."
        ]
        return
    assert found.class_ == {1: 2, 2: 3, 3: 0}[CLASS[name]]
    assert (component.counts, component.present is True) == (False, False)
    assert [reason.en.partition(" needs the ")[2] for reason in found.reasons] == [
        f"{component.title.en}. {component.reason.en}"
    ]
    assert component.title.ar in found.reasons[0].ar


def test_without_report_and_paper_sanja_has_no_class(sanja: ReleaseListing) -> None:
    found = projected(without(sanja, SANJA["technical-report"] | SANJA["research-paper"]))
    assert (found.class_, found.progress) == (0, {"1": 0, "2": 0, "3": 83})


@pytest.mark.parametrize(
    ("licence", "type_", "class_"),
    [("LICENSE", "code", 0), ("LICENSE-data", "data", 3), ("LICENSE-docs", "document", 0)],
)
def test_without_any_one_licence_sanjas_class_drops_and_says_why(
    sanja: ReleaseListing, licence: str, type_: str, class_: int
) -> None:
    found = projected(without(sanja, [licence]))
    hit = {c.id for c in found.components.values() if c.licence == "unlicensed"}
    parameters = {"model-parameters-final", "model-parameters-intermediate"}
    of_type = {c.id for c in found.components.values() if c.type == type_} - parameters
    assert hit == (of_type | parameters if type_ == "code" else of_type)
    assert found.class_ == class_
    reason = f"The text sends the reader to {licence} for its licence, and that file is not there."
    assert all(reason in said.en for said in found.reasons)
    assert found.reasons


def test_what_a_card_only_refers_to_is_an_excerpt(sanja: ReleaseListing) -> None:
    found = projected(without(sanja, SANJA["evaluation-results"])).components["evaluation-results"]
    assert (found.present, found.evidence[0].file) == (False, "README.ar.md")
    assert found.reason.en == (
        "What stands in README.ar.md is an excerpt: it refers to EVALUATION.ar.md, which is not in the release."
    )


RESULTS = "# M\n## Evaluation results\n| task | score |\n|---|---|\n| waves | 0.9 |\n"


def test_a_card_with_all_its_results_needs_no_other_document() -> None:
    made = listing({"README.md": f"{RESULTS}Figures: `images/plot.png`. Made by `evaluate.py`.\n"})
    found = projected(made).components["evaluation-results"]
    assert (found.present, found.evidence[0].quote) == (True, "| waves | 0.9 |")


def test_a_full_document_beside_an_excerpt_is_the_component() -> None:
    made = listing({"README.md": f"{RESULTS}All of them: `scores.json`.\n", "docs/results.md": RESULTS})
    found = projected(made).components["evaluation-results"]
    assert (found.present, [quote.file for quote in found.evidence]) == (True, ["docs/results.md"])


def test_what_is_not_in_a_list_of_documents_is_unknown_and_what_is_not_in_a_whole_list_is_absent() -> None:
    text = {"README.md": "# Lighthouse\nIt counts waves.\n"}
    part, whole = projected(listing(text, whole=False)), projected(listing(text))
    assert {c.present for c in part.components.values()} == {None}
    assert {c.present for c in whole.components.values()} == {False}
    assert (part.class_, whole.class_) == (0, 0)


def test_a_file_that_is_too_small_for_weights_is_neither_there_nor_absent() -> None:
    texts = {"README.md": "# Heron"}
    made = ReleaseListing(
        files=(
            ReleaseFile(path="README.md", size_bytes=7),
            ReleaseFile(path="m.safetensors", size_bytes=135),
        ),
        texts=texts,
        source="here",
    )
    small = projected(made).components["model-parameters-final"]
    none = projected(listing(texts, "a.py")).components["model-parameters-final"]

    assert (small.present, small.rule) == (None, "too-small")
    assert "fewer than 10,000 bytes" in small.reason.en
    assert small.evidence[0].quote == "m.safetensors"
    assert (none.present, none.rule) == (False, "absent")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("It uses attention from the [Foam paper](https://arxiv.org/abs/1234.56789).", "absent"),
        ("[1]: [LoRA](https://arxiv.org/abs/1234.56789): Low-Rank Adaptation", "absent"),
        ("See the [Heron paper](https://arxiv.org/abs/1234.56789).", "linked"),
        ("📄 [Paper](https://arxiv.org/abs/1234.56789)", "linked"),
        ("## Citation\n@article{h,\n title={Heron},\n eprint={arXiv:1234.56789}\n}", "linked"),
        ("## Citation\n@article{h,\n title={Heron}\n}", "named"),
    ],
)
def test_a_paper_of_somebody_else_is_not_the_releases_paper(text: str, rule: str) -> None:
    made = projected(listing({"README.md": f"# Heron\n{text}\n"}, "a.py"))

    assert made.components["research-paper"].rule == rule


def test_a_document_that_was_not_read_is_neither_there_nor_absent() -> None:
    made = ReleaseListing(
        files=(ReleaseFile(path="README.md", size_bytes=10**6), ReleaseFile(path="a.bin", size_bytes=1)),
        texts={},
        source="example",
    )
    found = projected(made).components
    assert (found["model-card"].present, found["training-code"].present) == (None, None)


LINKED = """# Lighthouse
The weights can be downloaded from https://hub.example/lighthouse.
Our paper is on arXiv (https://arxiv.org/abs/2401.01234).
The model was trained on [the sea corpus](https://hub.example/sea).
The training code will be published. The inference code is in preparation.
Our internal data set was used for tuning.
"""


def test_what_is_linked_counts_as_there_and_what_is_only_named_cannot_be_told() -> None:
    found = projected(listing({"README.md": LINKED})).components
    names = (
        "model-parameters-final",
        "research-paper",
        "datasets",
        "training-code",
        "inference-code",
        "evaluation-code",
    )
    assert {name: (found[name].present, [q.line for q in found[name].evidence]) for name in names} == {
        "model-parameters-final": (True, [2]),
        "research-paper": (True, [3]),
        "datasets": (True, [4]),
        "training-code": (None, [5]),
        "inference-code": (None, [5]),
        "evaluation-code": (False, []),
    }
    # What lies elsewhere has the licence that the text gives it, and here it gives none.
    assert {(found[name].licence, found[name].open, found[name].counts) for name in names[:3]} == {
        (None, None, False)
    }
    assert found["datasets"].reason.en == (
        "The text links to where it is published; the link was not followed. "
        "It is published elsewhere, and the text does not say under which licence."
    )


def test_a_text_that_withholds_something_is_believed() -> None:
    text = "The training data have not been released, and neither weights nor code: the weights are not publicly available.\n"
    found = projected(listing({"README.md": text}, whole=False)).components
    assert {name for name, component in found.items() if component.present is False} == {
        "datasets",
        "model-parameters-final",
    }


@pytest.mark.parametrize(
    "text",
    [
        "The training data will not be released.",
        "Our pre-training corpus is not publicly available due to licensing.",
        "The dataset used to train the model is not public.",
        "The training data isn't available.",
        "The training data remain proprietary.",
        "We cannot share the training data.",
        "It was trained on a large proprietary dataset.",
        "It was trained on 2 million pairs of internal data.",
        "بيانات التدريب غير منشورة.",
    ],
)
def test_training_data_are_withheld_where_the_text_says_it_of_them(text: str) -> None:
    found = projected(listing({"README.md": f"{text}\n"})).components["datasets"]
    assert (found.present, found.rule, [quote.quote for quote in found.evidence]) == (
        False,
        "withheld",
        [text],
    )


@pytest.mark.parametrize(
    "text",
    [
        "We removed private data from the training set.",
        "The model was evaluated on an internal dataset.",
        "The corpus does not contain publicly available benchmarks.",
        "Users can fine-tune it on private data.",
        "The training data does not include private data and was not shared with third parties.",
        "The model was not trained on private data.",
        "It does not use any data that is not public.",
        "Benchmarks are not public, but the training data is here.",
        "The training data are not limited to publicly available text.",
        "Training data will be released soon.",
    ],
)
def test_what_is_said_of_other_data_withholds_no_training_data(text: str) -> None:
    assert projected(listing({"README.md": f"{text}\n"})).components["datasets"].rule != "withheld"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("The model weights are not released.", "withheld"),
        ("We do not release the model weights.", "withheld"),
        ("We do not release the weights of the teacher.", "absent"),
        ("The model weights are not stored in a format that is public.", "absent"),
    ],
)
def test_weights_are_withheld_where_the_text_says_it_of_them(text: str, rule: str) -> None:
    assert projected(listing({"README.md": f"{text}\n"})).components["model-parameters-final"].rule == rule


def test_advice_on_safety_is_no_place_where_weights_are() -> None:
    text = "Before you deploy models, see what safeguards are available at https://example.org/guide.\n"
    assert projected(listing({"README.md": text})).components["model-parameters-final"].rule == "absent"


def test_what_is_linked_has_the_licence_that_a_statement_gives_it() -> None:
    text = (
        LINKED + "The dataset is licensed under the Creative Commons Attribution 4.0 International License.\n"
    )
    found = projected(listing({"README.md": text})).components["datasets"]
    assert (found.licence, found.open, found.counts, found.type_appropriate) == (
        "CC-BY-4.0",
        True,
        True,
        False,
    )
    assert found.reason.en.endswith(
        "CC-BY-4.0 is open, but the framework does not list it for this type of component."
    )
    assert [quote.line for quote in found.evidence] == [4, 7]


def component_licence(
    *readings: LicenceReading, path: str = "train.py", text: str = "# M\n"
) -> tuple[object, ...]:
    made = ReleaseRecord(listing({"README.md": text}, path), readings)
    found = mof(made).components["training-code"]
    return found.licence, found.open, found.counts


def test_the_licence_of_a_component_is_its_own_else_of_its_kind_else_of_the_distribution() -> None:
    everything = reading("LICENSE", "Apache-2.0")
    code = reading("LICENSE-CODE", "MIT", "code")
    tag = reading("README.md", "CC-BY-NC-4.0", open_=False, place="card")
    own = reading("train/LICENSE", "ISC", "code")
    assert [
        component_licence(),
        component_licence(tag),
        component_licence(tag, everything),
        component_licence(tag, everything, code),
        component_licence(tag, everything, code, own, path="train/run.py"),
        component_licence(reading("LICENSE-data", "CC0-1.0", "data")),
    ] == [
        ("unlicensed", False, False),
        ("CC-BY-NC-4.0", False, False),
        ("Apache-2.0", True, True),
        ("MIT", True, True),
        ("ISC", True, True),
        ("unlicensed", False, False),
    ]


def test_a_licence_that_does_not_say_what_it_covers_is_that_of_the_distribution() -> None:
    badge = msgspec.structs.replace(reading("README.md", "MIT", place="card"), applies_to=())
    assert component_licence(badge) == ("MIT", True, True)
    assert component_licence(badge, reading("LICENSE-code", "ISC", "code")) == ("ISC", True, True)


def test_the_licence_of_a_release_says_nothing_of_what_lies_elsewhere_but_for_its_weights_and_data() -> None:
    readings = (
        reading("LICENSE", "MIT", "code", "data", "document"),
        reading("LICENSE-MODEL", "Apache-2.0", "weights"),
        reading("DATA_LICENSE", "CC0-1.0", "data"),
    )
    found = mof(ReleaseRecord(listing({"README.md": LINKED}), readings)).components
    names = ("model-parameters-final", "datasets", "research-paper")
    assert [found[name].licence for name in names] == ["Apache-2.0", "CC0-1.0", None]
    found = mof(ReleaseRecord(listing({"README.md": LINKED}), readings[:1])).components
    assert [found[name].licence for name in names] == [None, None, None]


def test_a_licence_file_for_a_kind_outweighs_a_sentence_about_it() -> None:
    text = "Code and data are licensed under Apache 2.0.\n"
    made = ReleaseRecord(
        listing({"README.md": text}, "data.jsonl"),
        (reading("DATA_LICENSE", "CC-BY-NC-4.0", "data", open_=False),),
    )
    found = mof(made).components["datasets"]
    assert (found.licence, found.counts) == ("CC-BY-NC-4.0", False)


def test_a_licence_that_cannot_be_told_does_not_count() -> None:
    unknown = reading("LICENSE", None, open_=None)
    two = (reading("LICENSE", "Apache-2.0"), reading("LICENSE.txt", "CC-BY-NC-4.0", open_=False))
    assert component_licence(unknown) == (None, None, False)
    assert component_licence(*two) == ("Apache-2.0", None, False)
    assert component_licence(reading("USE_POLICY.md", "MIT", place="policy")) == ("unlicensed", False, False)


def test_a_statement_of_a_closed_licence_keeps_the_component_from_counting() -> None:
    text = "The code is released under CC BY-NC 4.0.\n"
    assert component_licence(reading("LICENSE", "Apache-2.0"), text=text) == ("CC-BY-NC-4.0", False, False)


def test_the_text_that_a_statement_points_to_outweighs_the_name_it_gives() -> None:
    text = "Code: MIT ([text](LICENSE))\n"
    made = ReleaseRecord(
        listing({"README.md": text, "LICENSE": "…"}, "train.py"), (reading("LICENSE", "Apache-2.0"),)
    )
    found = mof(made).components["training-code"]
    assert (found.licence, [quote.file for quote in found.evidence]) == (
        "Apache-2.0",
        ["train.py", "README.md", "LICENSE"],
    )


def values(made: ReleaseListing) -> dict[str, float | str]:
    evaluation = FrameworkEvaluation(load_card("openness/framework"))
    found: dict[str, float | str] = {}
    for sample in evaluation.samples([]):
        try:
            found[sample.id] = asyncio.run(evaluation.observe(sample, ScriptedSubject(release=made)))[
                "counts"
            ]
        except Unscored as unscored:
            found[sample.id] = unscored.reason
    return found


def test_the_evaluation_scores_every_component_of_sanja(sanja: ReleaseListing) -> None:
    evaluation = FrameworkEvaluation(load_card("openness/framework"))
    samples = evaluation.samples([])
    assert evaluation.card.id == "openness/framework"
    assert [(s.id, s.cluster, s.strata) for s in samples] == [
        (c.id, c.id, {"framework_class": str(c.framework_class), "type": c.type})
        for c in framework().components
    ]
    assert values(sanja) == dict.fromkeys(CLASS, 1.0)


def test_the_evaluation_leaves_unscored_what_cannot_be_told() -> None:
    found = values(listing({"README.md": LINKED}))
    assert (found["evaluation-code"], found["training-code"]) == (
        0.0,
        "The text names it without a link, so it is not at hand.",
    )
    assert str(found["datasets"]).endswith("the text does not say under which licence.")


def test_the_rules_name_nobody_whose_release_is_judged(test_data: Path, repo_root: Path) -> None:
    folder = repo_root / "src/qistas/evaluations/openness"
    rules = "".join(
        (folder / f"{name}.yaml").read_text("utf-8").lower()
        for name in ("framework", "framework_components", "framework_licences", "licence_statements", "osaid")
    )
    names = {path.name for path in (test_data / "openness/releases").iterdir()}
    words = {name.split("-")[0].rstrip("0123456789.") for name in names} - {"stable", "code", "opt"}
    assert {word for word in words if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", rules)} == set()


def test_quotes_say_where_they_stand(sanja: ReleaseListing) -> None:
    quote = projected(sanja).components["research-paper"].evidence[0]
    file = next(file for file in sanja.files if file.path == "PAPER.md")
    assert quote == Quote(file="PAPER.md", line=0, quote="PAPER.md", digest=f"sha256:{file.sha256}")


def test_every_sentence_is_said_in_both_languages(sanja: ReleaseListing) -> None:
    for made in (sanja, listing({"README.md": LINKED})):
        found = projected(made)
        texts: list[Text] = [*found.reasons, *(component.reason for component in found.components.values())]
        assert all(text.en and any("\u0600" < letter < "\u06ff" for letter in text.ar) for text in texts)
