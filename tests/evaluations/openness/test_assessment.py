"""A listing becomes an assessment: everything that it shows, by nothing but what stands in it."""

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.exchanges import FileInspection, ReleaseFile, ReleaseListing
from qistas.contracts.version import __version__
from qistas.evaluations.openness.assessment import assess, digest_of

CARD = "---\nlicense: mit\n---\n# Model card\n\nThe weights were trained on the example corpus.\n"
LISTING = ReleaseListing(
    files=(
        ReleaseFile(path="README.md", size_bytes=len(CARD), sha256="a" * 64),
        ReleaseFile(path="model.pt", size_bytes=9, sha256="b" * 64),
        ReleaseFile(path="train.py", size_bytes=0),
    ),
    texts={"README.md": CARD},
    source="example/model",
    revision="r1",
    inspections=(FileInspection(path="model.pt", format="pickle", size_bytes=9, sha256="b" * 64),),
    listed_only=("train.py",),
)


def test_the_head_names_the_release_and_how_it_was_read() -> None:
    made = assess(LISTING, read_on="2026-01-31", notes=[Text("a note", "ملاحظة")])

    assert made.qistas == __version__
    assert made.release == {
        "source": "example/model",
        "revision": "r1",
        "files": 3,
        "documents": 1,
        "listed_only": 1,
        "digest": digest_of(LISTING),
        "read_on": "2026-01-31",
        "model": {
            "task": None,
            "family": None,
            "architectures": (),
            "weights": ({"file": "model.pt", "size_bytes": 9, "sha256": "b" * 64},),
        },
        "incorporates": (),
        "notes": ({"en": "a note", "ar": "ملاحظة"},),
    }


def test_the_digest_is_that_of_the_files_wherever_they_come_from() -> None:
    elsewhere = msgspec.structs.replace(LISTING, source="elsewhere", revision=None, texts={})
    changed = msgspec.structs.replace(LISTING, files=LISTING.files[1:])

    assert digest_of(LISTING) == digest_of(elsewhere) != digest_of(changed)


def test_an_assessment_is_a_function_of_the_listing_alone() -> None:
    kept = msgspec.json.decode(msgspec.json.encode(LISTING), type=ReleaseListing)
    later = assess(kept, read_on="2027-01-31")

    assert msgspec.structs.replace(later, release=None) == msgspec.structs.replace(
        assess(LISTING, read_on=None), release=None
    )


def test_every_part_is_made_of_the_same_evidence() -> None:
    made = assess(LISTING, read_on=None)

    assert [(one.file, one.id) for one in made.licences] == [("README.md", "MIT")]
    assert len(made.projections.eu) == 12
    assert len(made.projections.mof.components) == 17
    assert made.projections.osaid.verdict in ("blocked", "not_blocked", "undetermined")
    assert set(made.concentration) == {"data", "compute", "frameworks", "labour", "hosting"}
    assert [one.file for one in made.supply_chain] == ["model.pt", "."]
    files = _files_quoted(msgspec.to_builtins(made))
    assert files
    # A finding about the release as a whole has the path ".".
    assert files <= {"README.md", "model.pt", "train.py", "."}


def _files_quoted(value: object) -> set[str]:
    """The files that quotes anywhere in plain data name."""
    if isinstance(value, dict):
        own = {value["file"]} if {"file", "line", "quote"} <= set(value) else set()
        return own.union(*map(_files_quoted, value.values()))
    return set().union(*map(_files_quoted, value)) if isinstance(value, list | tuple) else set()
