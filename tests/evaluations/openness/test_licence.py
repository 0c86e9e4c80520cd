"""The licence of a release: read from its texts, compared with its card, undecided where it cannot be told."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from tests.fakes.subject import ScriptedSubject

from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.records import Absent
from qistas.evaluations.cards import load_card
from qistas.evaluations.openness.licence import LicenceEvaluation, declared_names
from qistas.targets.release import FolderRelease

NO_TEXT = "README.md: 'my-own' names no licence that is known"


@pytest.fixture(scope="module")
def evaluation() -> LicenceEvaluation:
    return LicenceEvaluation(load_card("openness/licence"))


@pytest.fixture
def apache(repo_root: Path) -> str:
    return (repo_root / "LICENSE").read_text(encoding="utf-8")


def released(root: Path, **texts: str) -> ReleaseListing:
    """A release on disk; ``__`` in a name stands for a slash, ``_md`` at its end for the suffix."""
    for name, text in texts.items():
        path = root / name.replace("__", "/").replace("_md", ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return FolderRelease(root, source="example", revision=None).listing()


def observed(evaluation: LicenceEvaluation, listing: ReleaseListing) -> dict[str, object]:
    """What each place shows: its values, or why it is unscored."""
    outcome: dict[str, object] = {}
    for sample in evaluation.samples([]):
        try:
            outcome[sample.id] = asyncio.run(evaluation.observe(sample, ScriptedSubject(release=listing)))
        except Unscored as signal:
            outcome[sample.id] = signal.reason
    return outcome


def card(licence: str) -> str:
    return f"---\n{licence}\n---\n# Model\n"


def test_there_is_one_sample_per_place(evaluation: LicenceEvaluation) -> None:
    assert [(sample.id, sample.cluster, sample.strata) for sample in evaluation.samples([])] == [
        (place, place, {"place": place}) for place in ("licence-text", "other-texts", "card-field")
    ]


def test_an_open_licence_with_a_card_that_agrees(
    evaluation: LicenceEvaluation, tmp_path: Path, apache: str
) -> None:
    listing = released(tmp_path, LICENSE=apache, README_md=card("license: apache-2.0"))

    assert observed(evaluation, listing) == {
        "licence-text": {"identified": 1.0, "open": 1.0},
        "other-texts": {},
        "card-field": {"identified": 1.0, "open": 1.0, "agrees": 1.0},
    }


def test_a_card_that_contradicts_the_text_is_seen(
    evaluation: LicenceEvaluation, tmp_path: Path, apache: str
) -> None:
    listing = released(tmp_path, models__LICENSE=apache, README_md=card("license: llama3.1"))

    assert observed(evaluation, listing) == {
        "licence-text": {"identified": 0.0, "open": 0.0},
        "other-texts": {"identified": 1.0, "open": 1.0},
        "card-field": {"identified": 1.0, "open": 0.0, "agrees": 0.0},
    }


def test_without_any_text_the_licence_is_neither_identified_nor_open(
    evaluation: LicenceEvaluation, tmp_path: Path
) -> None:
    assert observed(evaluation, released(tmp_path, README_md="# Model\n")) == {
        "licence-text": {"identified": 0.0, "open": 0.0},
        "other-texts": {},
        "card-field": {},
    }


def test_whether_an_unknown_text_is_open_is_left_undecided(
    evaluation: LicenceEvaluation, tmp_path: Path
) -> None:
    listing = released(
        tmp_path, LICENSE="Ask the harbour office before each use.", README_md=card("license: mit")
    )
    unknown = Absent("LICENSE: the text is like none of the 52 known licences")

    assert observed(evaluation, listing) == {
        "licence-text": {"identified": 0.0, "open": unknown},
        "other-texts": {},
        "card-field": {"identified": 1.0, "open": 1.0, "agrees": unknown},
    }


def test_a_card_field_with_an_unknown_name_settles_nothing(
    evaluation: LicenceEvaluation, tmp_path: Path, apache: str
) -> None:
    listing = released(tmp_path, LICENSE=apache, README_md=card("license: other\nlicense_name: my-own"))

    assert observed(evaluation, listing)["card-field"] == {
        "identified": 0.0,
        "open": Absent(NO_TEXT),
        "agrees": Absent(NO_TEXT),
    }


def test_a_family_identifies_none_but_may_be_open_and_may_contradict(
    evaluation: LicenceEvaluation, tmp_path: Path, apache: str
) -> None:
    listing = released(tmp_path, LICENSE=apache, README_md=card("license: [bsd]"))

    assert observed(evaluation, listing)["card-field"] == {"identified": 0.0, "open": 1.0, "agrees": 0.0}
    assert [d.reason for d in evaluation.declarations(listing)] == [
        "the text is Apache License 2.0",
        "'bsd' may mean BSD-2-Clause or BSD-3-Clause",
    ]


def test_several_texts_at_one_place_must_all_be_identified_and_open(
    evaluation: LicenceEvaluation, tmp_path: Path, apache: str
) -> None:
    listing = released(tmp_path, LICENSE=apache, DATA_LICENSE="For lighthouse keepers only.")

    assert observed(evaluation, listing)["licence-text"] == {
        "identified": 0.0,
        "open": Absent("DATA_LICENSE: the text is like none of the 52 known licences"),
    }


def test_a_text_that_was_not_read_leaves_the_place_unscored(
    evaluation: LicenceEvaluation, tmp_path: Path
) -> None:
    listing = released(tmp_path, LICENSE="x" * 300_000, README_md="\n" * 300_000)
    reason = "the text was not read (too long, or no text)"

    assert observed(evaluation, listing) == {
        "licence-text": f"LICENSE: {reason}",
        "other-texts": {},
        "card-field": f"README.md: {reason}",
    }


def test_without_a_release_nothing_is_scored(evaluation: LicenceEvaluation) -> None:
    with pytest.raises(Unscored, match="no release"):
        asyncio.run(evaluation.observe(evaluation.samples([])[0], ScriptedSubject()))


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ()),
        ({"license": None}, ()),
        ({"license": "mit"}, ("mit",)),
        ({"licence": ["mit", "cc-by-4.0"]}, ("mit", "cc-by-4.0")),
        ({"license": "other", "license_name": "qwen"}, ("qwen",)),
        ({"license_name": "qwen"}, ("qwen",)),
        ({"license": "mit", "license_name": "qwen"}, ("mit",)),
    ],
)
def test_the_names_in_a_cards_front_matter(fields: dict[str, object], names: tuple[str, ...]) -> None:
    assert declared_names(fields) == names


def test_a_card_that_names_other_fingerprints_is_refused() -> None:
    right = load_card("openness/licence")
    wrong = msgspec.structs.replace(right, parameters={**right.parameters, "fingerprints": "sha256:0"})

    with pytest.raises(InvalidDocument, match="the card names other fingerprints than sha256:"):
        LicenceEvaluation(wrong)


@pytest.mark.parametrize(
    ("release", "licences"),
    [
        ("kimi-k2.5", {"LICENSE": None}),
        (
            "llama-3.3",
            {"LICENSE": None, "models/llama3_3/LICENSE": "Llama 3.3 Community License Agreement 2024"},
        ),
        ("yi", {"LICENSE": "Apache License 2.0", "MODEL_LICENSE_AGREEMENT.txt": "Apache License 2.0"}),
    ],
)
def test_the_licences_of_real_releases_with_their_files(
    evaluation: LicenceEvaluation, test_data: Path, release: str, licences: dict[str, str | None]
) -> None:
    listing = FolderRelease(
        test_data / "openness" / "releases" / release, source=release, revision=None
    ).listing()
    texts = [d for d in evaluation.declarations(listing) if d.place != "card-field"]

    assert {d.where: d.licences[0].name if d.licences else None for d in texts} == licences
