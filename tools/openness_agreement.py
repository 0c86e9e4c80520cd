"""Measures how far the openness rules agree with people, beside three baselines, and writes the two pages about it.

``python tools/openness_agreement.py [--data ../shared/data/openness]`` reads the releases and then, only to score what was said of
them, the labels; it writes ``docs/openness-agreement.md`` and ``.ar.md``. ``--check`` writes nothing and prints the table.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qistas.contracts.estimates import Estimate
from qistas.contracts.openness import Judgement
from qistas.evaluations.openness.european_index import european_index, european_index_ladders
from qistas.evaluations.openness.ladder import UNDETERMINED
from qistas.evaluations.openness.licence_texts import identify
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.stats.kappa import Rated, kappa_difference, linear_kappa, shared_mean
from qistas.wiring import whole_release_for

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data" / "openness"
LEVELS = ("closed", "partial", "open")
SEED = 2026
DRAWS = 4000
COVERAGE_FLOOR = 0.6

# What a scraper takes for the thing: the words stand somewhere in a document.
KEYWORDS = {
    "datasources_basemodel": r"trained on|training data|dataset",
    "trainingcode": r"\btrain(ing)?\b.{0,40}\b(code|script)|train\.py|fine-?tun",
    "code": r"\bdocumentation\b|\btrain(ing)?\b.{0,40}\b(code|script)|train\.py",
    "preprint": r"arxiv|technical report|\bpaper\b",
    "modelcard": r"model[ _-]?card|intended use|limitations",
    "licenses": r"apache|\bMIT\b|open[- ]source",
}
Rater = Callable[[str, "Release"], str | None]


class Release(NamedTuple):
    """A release as it was read, what the rules said of it, whose it is, and the labels (empty where there are none)."""

    record: ReleaseRecord
    judgements: Mapping[str, Judgement]
    organisation: str
    labels: Mapping[str, str]


class Score(NamedTuple):
    """One dimension that repository text can show. ``differences``: κ of the rules less κ of each baseline.

    ``told``: organisations with a release that the rules determined; ``differing``: those on whose releases the keywords say something else.
    """

    dimension: str
    releases: int
    organisations: int
    coverage: float
    kappa: Estimate
    accuracy: float
    baselines: dict[str, Estimate]
    differences: dict[str, Estimate]
    confusion: dict[str, dict[str, int]]
    left_out: tuple[float, float]
    told: int
    differing: int

    @property
    def undrawn(self) -> float:
        """The share of resamples that hold none of the organisations on whose releases the rules and the keywords differ."""
        return (1.0 - self.differing / self.told) ** self.told


def read_releases(data: Path) -> dict[str, Release]:
    """Every release, judged; the labels are read after all judgements were made."""
    judged = {}
    for folder in sorted(path for path in (data / "releases").iterdir() if path.is_dir()):
        bare = ReleaseRecord(whole_release_for(str(folder)).listing())
        record = ReleaseRecord(bare.listing, read_licences(bare))
        judged[folder.name] = (record, european_index(record))
    labels = json.loads((data / "labels" / "labels.json").read_text("utf-8"))
    return {
        name: Release(
            record, said, labels[name]["organisation"], (labels[name]["eu_labels"] or {}).get("classes", {})
        )
        for name, (record, said) in judged.items()
    }


def score(dimension: str, releases: Sequence[Release]) -> Score:
    """How the rules did on one dimension."""
    labelled = [release for release in releases if dimension in release.labels]
    rated = rated_by(_rules, dimension, labelled)
    raters = {"majority": _majority(dimension, labelled), "tag": _tag, "keywords": _keywords}
    others = {name: rated_by(rater, dimension, labelled) for name, rater in raters.items()}
    told = [pair for pair in rated if pair.rater is not None]
    same = [float(pair.human == pair.rater) for pair in told]
    covered = {
        name: [
            pair if ours.rater is not None else pair._replace(rater=None)
            for ours, pair in zip(rated, pairs, strict=True)
        ]
        for name, pairs in others.items()
    }
    clusters = sorted({pair.cluster for pair in told})
    differing = {
        ours.cluster
        for ours, words in zip(rated, covered["keywords"], strict=True)
        if ours.rater != words.rater
    }
    without = [_kappa([pair for pair in rated if pair.cluster != left]).value for left in clusters]
    defined = [value for value in without if value is not None]
    return Score(
        dimension=dimension,
        releases=len(labelled),
        organisations=len({release.organisation for release in labelled}),
        coverage=shared_mean(
            [float(pair.rater is not None) for pair in rated], [pair.cluster for pair in rated]
        ),
        kappa=_kappa(rated),
        accuracy=shared_mean(same, [pair.cluster for pair in told]),
        baselines={name: _kappa(pairs) for name, pairs in covered.items()},
        differences={
            name: kappa_difference(rated, pairs, LEVELS, draws=DRAWS, seed=SEED)
            for name, pairs in covered.items()
        },
        confusion=confusion(rated),
        left_out=(min(defined), max(defined)),
        told=len(clusters),
        differing=len(differing),
    )


def rated_by(rater: Rater, dimension: str, releases: Sequence[Release]) -> list[Rated]:
    """Label and rating of each release."""
    return [
        Rated(release.labels[dimension], rater(dimension, release), release.organisation)
        for release in releases
    ]


def confusion(rated: Sequence[Rated]) -> dict[str, dict[str, int]]:
    """Label to what the rules said to the number of releases."""
    cells = Counter((pair.human, pair.rater or UNDETERMINED) for pair in rated)
    return {human: {said: cells[human, said] for said in (*LEVELS, UNDETERMINED)} for human in LEVELS}


def rung_use(releases: Sequence[Release]) -> dict[tuple[str, str], int]:
    """Dimension and rung to the number of organisations of whose releases, labelled or not, it decided one."""
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for release in releases:
        for dimension, judgement in release.judgements.items():
            users[dimension, judgement.rule].add(release.organisation)
    return {
        (ladder.id, rung.id): len(users[ladder.id, rung.id])
        for ladder in european_index_ladders().ladders
        if ladder.shows == "repository"
        for rung in ladder.rungs
    }


def _kappa(rated: Sequence[Rated]) -> Estimate:
    return linear_kappa(rated, LEVELS, draws=DRAWS, seed=SEED)


def _rules(dimension: str, release: Release) -> str | None:
    value = release.judgements[dimension].value
    return None if value == UNDETERMINED else value


def _majority(dimension: str, labelled: Sequence[Release]) -> Callable[[str, Release], str | None]:
    shares: Counter[str] = Counter()
    sizes = Counter(release.organisation for release in labelled)
    for release in labelled:
        shares[release.labels[dimension]] += 1 / sizes[release.organisation]  # type: ignore[assignment]
    most = max(LEVELS, key=lambda level: shares[level])
    return lambda _, __: most


def _tag(dimension: str, release: Release) -> str | None:
    """What a hub's tag would say: the licence at the top decides every dimension alike."""
    del dimension
    return "open" if _tagged_open(release.record) else "closed"


def _tagged_open(record: ReleaseRecord) -> bool:
    page = next(iter(record.pages_named(r"^licen[cs]e(\.(md|txt))?$")), None)
    found = _identify(page.text) if page is not None else None
    return found is not None and found.licence is not None and found.licence.open


_identify = cache(identify)


def _keywords(dimension: str, release: Release) -> str | None:
    """What a scraper would say: open where its words stand somewhere, closed where they do not."""
    words = re.compile(KEYWORDS[dimension], re.IGNORECASE)
    return "open" if any(words.search(page.text) for page in release.record.pages.values()) else "closed"


def write(data: Path, docs: Path | None) -> list[Score]:
    """Score everything; write the pages into ``docs`` if there is one."""
    releases = list(read_releases(data).values())
    ladders = european_index_ladders().ladders
    scores = [score(ladder.id, releases) for ladder in ladders if ladder.shows == "repository"]
    if docs is not None:
        given: dict[str, Any] = {
            "scores": scores,
            "ladders": ladders,
            "levels": LEVELS,
            "rungs": rung_use(releases),
            "releases": releases,
            "labelled": [release for release in releases if release.labels],
            "seed": SEED,
            "draws": DRAWS,
            "floor": COVERAGE_FLOOR,
            "keywords": KEYWORDS,
        }
        pages = Environment(
            loader=FileSystemLoader(Path(__file__).parent),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - Markdown, of our own words
        )
        pages.filters["interval"] = interval
        for suffix in ("", ".ar"):
            text = pages.get_template(f"openness_agreement{suffix}.md.jinja").render(given)
            (docs / f"openness-agreement{suffix}.md").write_text(text, "utf-8")
    return scores


def interval(estimate: Estimate) -> str:
    """``0.61 (0.40 to 0.80)``, or a dash where there is no number."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "–"
    value, low, high = (round(number, 2) + 0.0 for number in (estimate.value, estimate.low, estimate.high))
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    """Write the pages, or only print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    for found in write(given.data, None if given.check else ROOT / "docs"):
        beside = ", ".join(f"{name} {interval(estimate)}" for name, estimate in found.differences.items())
        print(
            f"{found.dimension:24} κ {interval(found.kappa)} coverage {found.coverage:.2f} accuracy {found.accuracy:.2f}; ahead of {beside}"
        )


if __name__ == "__main__":
    main()
