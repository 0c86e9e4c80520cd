"""The agreement with people is scored per organisation, beside baselines, from judgements that never saw a label."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from qistas.contracts.estimates import Estimate


@pytest.fixture(scope="module")
def tool(request: pytest.FixtureRequest) -> ModuleType:
    path = request.config.rootpath / "tools" / "openness_agreement.py"
    spec = importlib.util.spec_from_file_location("openness_agreement", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CARDS = {
    "a": ("A", "Trained on [Harbour](https://example.org/h).\n## Hyperparameters\n## Limitations", "open"),
    "b": ("B", "Pretrained on 2 trillion tokens.", "closed"),
    "c": ("B", "Nothing is said.", "closed"),
    "d": ("C", "Trained on Wikipedia.", "partial"),
    "e": ("C", "Trained on Common Crawl and C4.", "open"),
    "f": ("D", "Pretrained on 3 trillion tokens.", None),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Six releases of four organisations, five of them labelled (the same label on every dimension)."""
    labels = {}
    for name, (organisation, readme, label) in CARDS.items():
        folder = tmp_path / "releases" / name
        folder.mkdir(parents=True)
        (folder / "README.md").write_text(readme, "utf-8")
        (folder / "TREE.txt").write_text(f"{len(readme)} README.md\n900 {name}.py\n", "utf-8")
        dimensions = ["datasources_basemodel", "trainingcode", "code", "preprint", "modelcard", "licenses"]
        classes = dict.fromkeys(dimensions, label)
        labels[name] = {"organisation": organisation, "eu_labels": {"classes": classes} if label else None}
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "labels.json").write_text(json.dumps(labels), "utf-8")
    return tmp_path


def test_the_list_of_files_is_read_and_labels_are_beside_the_judgements(tool: ModuleType, data: Path) -> None:
    releases = tool.read_releases(data)

    assert list(releases) == list(CARDS)
    assert releases["a"].record.listing.listed_only == ("a.py",)
    assert releases["a"].labels["code"] == "open"
    assert releases["f"].labels == {}


def test_a_dimension_is_scored_with_coverage_per_organisation(tool: ModuleType, data: Path) -> None:
    found = tool.score("datasources_basemodel", list(tool.read_releases(data).values()))

    assert (found.releases, found.organisations) == (5, 3)
    assert found.coverage == pytest.approx((1 + 0.5 + 1) / 3)
    assert found.accuracy == pytest.approx((1 + 1 + 0.5) / 3)
    assert found.confusion == {
        "closed": {"closed": 1, "partial": 0, "open": 0, "undetermined": 1},
        "partial": {"closed": 0, "partial": 1, "open": 0, "undetermined": 0},
        "open": {"closed": 0, "partial": 1, "open": 1, "undetermined": 0},
    }
    # Observed 1/12; by chance, from the margins (1/3, 1/6, 1/2) and (1/3, 1/3, 1/3), 17/36.
    assert found.kappa.value == pytest.approx(1 - (1 / 12) / (17 / 36))
    assert found.baselines["majority"].value == 0.0
    assert found.differences["majority"].value == found.kappa.value
    assert set(found.differences) == {"majority", "tag", "keywords"}


def test_the_organisations_that_a_rung_decided_for_are_counted(tool: ModuleType, data: Path) -> None:
    used = tool.rung_use(list(tool.read_releases(data).values()))

    assert used["datasources_basemodel", "vague-training-data"] == 2
    assert used["datasources_basemodel", "linked-training-data"] == 1
    assert used["licenses", "weights-open"] == 0
    assert not any(dimension == "paper" for dimension, _ in used)


def test_a_number_that_cannot_be_told_is_a_dash(tool: ModuleType) -> None:
    fields = {"confidence": 0.95, "n": 0, "clusters": 0, "unscored": 0, "method": "m"}

    assert tool.interval(Estimate(value=None, low=None, high=None, **fields)) == "–"
    assert tool.interval(Estimate(value=0.5, low=0.25, high=1.0, **fields)) == "0.50 (0.25 to 1.00)"


def test_the_published_agreement_is_what_the_rules_give_and_holds_its_floors(
    tool: ModuleType, test_data: Path, tmp_path: Path, repo_root: Path
) -> None:
    scores = {score.dimension: score for score in tool.write(test_data / "openness", tmp_path)}

    for page in ("openness-agreement.md", "openness-agreement.ar.md"):
        assert (tmp_path / page).read_text("utf-8") == (repo_root / "docs" / page).read_text("utf-8")
    assert all(score.coverage >= tool.COVERAGE_FLOOR for score in scores.values())
    assert all(score.differences[name].value > 0 for score in scores.values() for name in score.differences)
    assert scores["modelcard"].kappa.value >= 0.6
    assert scores["licenses"].kappa.value >= 0.6
