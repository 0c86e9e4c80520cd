"""Releases weighed on openness, from folders to the JSON that others read."""

import json
import shutil
from pathlib import Path

import pytest

import qistas
from qistas import api
from qistas.contracts.errors import BadInput, UnknownName

COMMIT = "55a15ef1d1cc3a779bfef2af7a9fce6657bb833d"
CARD = """\
---
license: apache-2.0
---
# Model card

## Intended use

It counts words. Your use follows the policy at https://example.org/policy, which is incorporated by reference.
"""
ON = api.OpennessSettings(read_on="2026-01-31")
FIELDS = {
    "qistas": {},
    "release": {},
    "licences": [],
    "projections": {"mof": {}, "eu": {}, "osaid": {}},
    "concentration": {},
    "lineage": {},
    "supply_chain": [],
    "contradictions": [],
    "training_cost": {},
    "unread": [],
}


@pytest.fixture
def release(tmp_path: Path, repo_root: Path) -> Path:
    root = tmp_path / "release"
    root.mkdir()
    shutil.copy(repo_root / "LICENSE", root / "LICENSE")
    (root / "README.md").write_text(CARD)
    (root / "TREE.txt").write_text("3 train.py\n1 README.md\n")
    (root / ".git").mkdir()
    (root / ".git/HEAD").write_text(COMMIT)
    return root


def written(*releases: Path | str, settings: api.OpennessSettings = ON) -> bytes:
    return api.openness_pages(qistas.openness(*map(str, releases), settings=settings), "json")


def test_one_release_is_an_object_with_the_fields_that_others_read(release: Path) -> None:
    found = json.loads(written(release))

    assert list(found) == list(FIELDS)
    assert {name: list(found["projections"]) for name in ["projections"]} == {
        "projections": ["mof", "eu", "osaid"]
    }
    assert {"class", "progress", "components"} <= set(found["projections"]["mof"])
    assert len(found["projections"]["eu"]) == 12
    assert all(
        {"value", "rule", "evidence"} <= set(one)
        and one["value"] in ("open", "partial", "closed", "undetermined")
        for one in found["projections"]["eu"].values()
    )
    licence = next(one for one in found["licences"] if one["file"] == "LICENSE")
    assert (licence["id"], licence["match"]) == ("Apache-2.0", "exact")
    quotes = [quote for one in found["projections"]["eu"].values() for quote in one["evidence"]]
    assert quotes
    assert all({"file", "line", "quote", "digest"} <= set(quote) for quote in quotes)


def test_the_head_says_what_was_read_and_what_was_not(release: Path) -> None:
    head = json.loads(written(release))["release"]

    assert {
        name: head[name]
        for name in head
        if name not in ("digest", "incorporates", "model", "notes", "source")
    } == {
        "revision": COMMIT,
        "files": 3,
        "documents": 2,
        "listed_only": 1,
        "read_on": "2026-01-31",
    }
    assert [(one["address"], one["evidence"]["file"]) for one in head["incorporates"]] == [
        ("https://example.org/policy", "README.md")
    ]
    assert head["notes"][0]["en"] == f"README.md: TREE.txt:2 says 1 bytes, the file at hand has {len(CARD)}"


def test_the_same_files_give_the_same_bytes_wherever_they_stand(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "elsewhere" / "release"
    shutil.copytree(release, other)
    monkeypatch.chdir(release.parent)
    first = written("release")
    monkeypatch.chdir(other.parent)

    assert first == written("release")


def test_several_releases_are_a_list_in_the_order_given(release: Path, tmp_path: Path) -> None:
    other = tmp_path / "LICENSE"
    shutil.copy(release / "LICENSE", other)

    assert [one["release"]["files"] for one in json.loads(written(other, release))] == [1, 3]


def test_a_release_without_a_card_is_judged_and_little_is_known(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"\0")
    found = json.loads(written(tmp_path))

    assert found["licences"] == []
    assert {one["value"] for one in found["projections"]["eu"].values()} <= {
        "undetermined",
        "open",
        "partial",
    }
    assert found["projections"]["mof"]["class"] == 0


def test_every_release_that_cannot_be_read_is_named_at_once(release: Path, tmp_path: Path) -> None:
    (tmp_path / "nonsense").mkdir()
    (tmp_path / "nonsense/TREE.txt").write_text("this is no list\n3 a\nnor is this\n")
    with pytest.raises(BadInput) as caught:
        qistas.openness(str(tmp_path / "absent"), str(release), str(tmp_path / "nonsense"))

    assert [fault.where for fault in caught.value.faults] == [
        None,
        f"{tmp_path}/nonsense/TREE.txt:1",
        f"{tmp_path}/nonsense/TREE.txt:3",
    ]
    step = "→ give a folder, a file, hf:org/name[@revision] or sanja"
    assert str(caught.value.faults[0]) == f"there is no release '{tmp_path / 'absent'}' {step}"


def test_the_bundled_weights_are_releases() -> None:
    found = json.loads(written("sanja"))

    assert found["release"]["source"] == "sanja"
    assert found["projections"]["mof"]["class"] > 0


@pytest.mark.parametrize("name", ["hf:", "hf:org", "openai:http://x/v1"])
def test_what_names_no_release_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"names no repository|there is no release"):
        qistas.openness(name)


def test_a_date_that_is_none_and_a_format_that_is_none_are_refused(release: Path) -> None:
    with pytest.raises(BadInput, match="--read-on: 'soon' is no date → write it like 2026-01-31"):
        written(release, settings=api.OpennessSettings(read_on="soon"))
    with pytest.raises(BadInput, match="there is no openness format 'pdf'"):
        api.openness_pages(qistas.openness(str(release)), "pdf")


def test_the_date_is_of_the_day_where_none_is_given(release: Path) -> None:
    read_on = qistas.openness(str(release))[0].release["read_on"]

    assert isinstance(read_on, str)
    assert len(read_on) == 10


def test_a_dimension_is_explained_with_its_rules_and_words(release: Path) -> None:
    made = qistas.openness(str(release), settings=ON)

    for dimension in made[0].projections.eu:
        assert "→" in api.openness_explained(made, f"eu.{dimension}") or "no rules" in api.openness_explained(
            made, f"eu.{dimension}"
        )
    with pytest.raises(UnknownName, match=r"did you mean: .*eu\.modelcard"):
        api.openness_explained(made, "modelcardd")


def test_the_released_documents_of_others_are_read(test_data: Path) -> None:
    for folder in sorted((test_data / "openness" / "releases").iterdir())[:4]:
        made = qistas.openness(str(folder), settings=ON)
        assert api.openness_pages(made).decode().startswith(made[0].release["source"])
        assert made[0].release["listed_only"] > 0


def test_with_a_folder_of_licence_texts_a_near_match_shows_what_stands_there(
    release: Path, tmp_path: Path, test_data: Path
) -> None:
    text = (test_data / "openness/licence_texts/gemma-tou-2025-03-24.txt").read_text()
    (release / "LICENSE").write_text(text.replace("Agreement", "Contract", 2))
    settings = api.OpennessSettings(licence_texts=test_data / "openness/licence_texts", read_on="2026-01-31")
    alone, beside = (json.loads(written(release, settings=one))["licences"] for one in (ON, settings))

    assert {span["expected"] for one in alone for span in one["differs"]} <= {None}
    assert {"Agreement"} <= {
        word for one in beside for span in one["differs"] for word in (span["expected"] or "").split()
    }
