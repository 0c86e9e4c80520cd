"""How often each interval of `qistas.stats` holds the truth: simulated, or enumerated where that is possible.

    python bench/coverage.py [--quick] [--seed N] [--out docs/coverage.md]

Writes one table and exits 1 when an interval in use covers less than it says by more than the simulation's error.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import coverage_grid
import coverage_statistics
from coverage_grid import FULL, NOMINAL, QUICK, Cell, Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# A cell falls short when it is this many standard errors below nominal: with two thousand cells, four are still
# chance in less than one table of ten.
TOLERANCE = 4.0


class Method(NamedTuple):
    """One interval, whether findings use it, and the cells that try it."""

    name: str
    used: bool
    conditions: str
    cells: Callable[[Grid], Iterator[Cell]]


METHODS = (
    Method("clopper-pearson", True, "independent answers", coverage_grid.exact_cells),
    Method(
        "effective-size, graded values",
        True,
        "nine shapes, rare extremes among them",
        coverage_grid.graded_cells,
    ),
    Method("cluster-effective-size", True, "equal clusters", coverage_grid.clustered_cells),
    Method(
        "cluster-effective-size, unequal",
        True,
        "one cluster in five is ten times larger",
        coverage_grid.unequal_cells,
    ),
    Method(
        "cluster-effective-size, Zipf",
        True,
        "the k-th cluster has 1/k of the first",
        coverage_grid.zipf_cells,
    ),
    Method("paired-score", True, "discordance .005 to 1, one-sided to even", coverage_grid.paired_cells),
    Method("paired-effective-size", True, "clustered pairs", coverage_grid.paired_cluster_cells),
    Method(
        "betting-sequence",
        True,
        "stopped the first time it leaves the truth out",
        coverage_grid.sequence_cells,
    ),
    Method("betting-sequence, cluster means", True, "stopped likewise", coverage_grid.sequence_cluster_cells),
    Method(
        "betting-sequence, without replacement", True, "stopped likewise", coverage_grid.sequence_finite_cells
    ),
    Method(
        "hypergeometric",
        True,
        "samples of a tenth, half and 9/10 of a population",
        coverage_grid.finite_cells,
    ),
    Method("finite-effective-size", True, "graded values, likewise", coverage_grid.finite_graded_cells),
    Method(
        "gains-and-losses",
        True,
        "differences in -1 to 1, seven shapes",
        coverage_statistics.gap_cells,
    ),
    Method(
        "gains-and-losses, finite",
        True,
        "the same, samples of a population",
        coverage_statistics.gap_finite_cells,
    ),
    Method("ratio-inversion", True, "six kinds of pairs", coverage_statistics.ratio_cells),
    Method(
        "ratio-inversion, clusters",
        True,
        "clusters of five, half alike",
        coverage_statistics.ratio_cluster_cells,
    ),
    Method(
        "ratio-inversion, finite",
        True,
        "the same pairs, samples of a population",
        coverage_statistics.ratio_finite_cells,
    ),
    Method("ece-bins", True, "six kinds of answers, ten bins", coverage_statistics.ece_cells),
    Method("ece-bins, clusters", True, "clusters of five, half alike", coverage_statistics.ece_cluster_cells),
    Method(
        "ece-bins, finite",
        True,
        "the same answers, samples of a population",
        coverage_statistics.ece_finite_cells,
    ),
    Method("risk-coverage-influence", True, "six kinds of answers", coverage_statistics.aurc_cells),
    Method(
        "risk-coverage-influence, clusters",
        True,
        "clusters of five, half alike",
        coverage_statistics.aurc_cluster_cells,
    ),
    Method(
        "risk-coverage-influence, finite",
        True,
        "the same answers, samples of a population",
        coverage_statistics.aurc_finite_cells,
    ),
    Method("student-t", True, "normal repeats, 3 to 30", coverage_grid.repeat_cells),
    Method("rogan-gladen", True, "judges with Se + Sp - 1 from .4 to .9", coverage_grid.judge_cells),
    Method("wilson", False, "independent answers", coverage_grid.wilson_cells),
    Method("cluster t (CR1)", False, "equal clusters", coverage_grid.cluster_t_cells),
    Method(
        "Korn-Graubard with df = clusters - 1",
        False,
        "equal clusters",
        coverage_grid.plain_korn_graubard_cells,
    ),
    Method("Tango's score alone", False, "as paired-score", coverage_grid.tango_cells),
    Method("student-t, skewed repeats", False, "log-normal, sigma 0.5", coverage_grid.skewed_repeat_cells),
)


def shortfalls(cells: Sequence[Cell]) -> list[Cell]:
    """Cells that cover less than nominal by more than simulation error."""
    return [cell for cell in cells if cell.coverage < NOMINAL - TOLERANCE * cell.error - 1e-9]


def verdict(cells: Sequence[Cell]) -> str:
    """What the table says of one method in words."""
    short = shortfalls(cells)
    if short:
        return f"**under-covers** in {len(short)} cells"
    worst = min(cells, key=lambda cell: cell.coverage)
    if worst.coverage >= NOMINAL - 1e-9:
        return "holds in every cell"
    return "holds within simulation error"


def row(method: Method, cells: Sequence[Cell]) -> str:
    """One line of the table."""
    worst = min(cells, key=lambda cell: cell.coverage)
    middle = sorted(cell.coverage for cell in cells)[len(cells) // 2]
    error = f" ± {worst.error:.4f}" if worst.replications else " (enumerated)"
    return (
        f"| {method.name} | {method.conditions} | {len(cells)} | {worst.replications or 'all'} "
        f"| {worst.coverage:.4f}{error} | {worst.where} | {middle:.4f} | {verdict(cells)} |"
    )


def cluster_rows(cells: Sequence[Cell]) -> list[str]:
    """Worst coverage by number of clusters and correlation, over all proportions and sizes."""
    worst: dict[tuple[int, float], float] = {}
    for cell in cells:
        if cell.place:
            worst[cell.place] = min(worst.get(cell.place, 1.0), cell.coverage)
    correlations = sorted({icc for _, icc in worst})
    lines = ["| clusters | " + " | ".join(f"ICC {icc:g}" for icc in correlations) + " |"]
    lines.append("|---|" + "---|" * len(correlations))
    for number in sorted({number for number, _ in worst}):
        figures = " | ".join(f"{worst[number, icc]:.4f}" for icc in correlations)
        lines.append(f"| {number} | {figures} |")
    return lines


HEADER = """# How often the intervals cover

Generated by `python bench/coverage.py{flags}` with seed {seed}; do not edit. The nominal confidence is {nominal}.
*Worst cell* is the lowest coverage over the whole grid, ± one standard error of the simulation at the nominal
coverage; the lowest of many cells lies about three such errors below the truth by chance alone. *Middle* is the median
over cells: above nominal, the method is conservative there. A method "under-covers" where a cell is more than
{tolerance:g} standard errors below nominal.

The grid: p in {proportions};
n in {sizes}; clusters in {clusters} (fewer than n);
intra-cluster correlation (ICC) in {correlations}, cluster rates drawn from a beta distribution.
Streams are stopped by an adversary at the first moment the interval leaves the truth out; they run for as many values
as the sequence was tuned to, and for twice as many.
"""

COLUMNS = """| method | conditions | cells | replications per cell | worst cell | where | middle | verdict |
|---|---|---|---|---|---|---|---|"""

READING = """
## How to read it

- **Clopper-Pearson, hypergeometric** hold by construction, so they are conservative where counts are small.
- **cluster-effective-size** is conservative on purpose when few clusters inform: with three failures in three of fifty
  clusters, the variance is known from three clusters. With nothing but successes (or failures) it is as wide as if each
  cluster were one answer, because nothing in the data speaks against that.
- **betting-sequence** pays for the right to look at any time: it leaves the truth out in fewer runs than it may, most
  so near 0 and 1 and for cluster means, which vary less than yes-or-no answers.
- **graded values** have no interval that is both short and safe when rare extremes carry the mean: a sample that
  happens to hold none of them looks certain. The guard of 2z² pseudo-answers buys most of it back; the worst cell
  says what is left.
- **gains-and-losses, ratio-inversion, ece-bins, risk-coverage-influence** rest on the same effective sizes, so
  they inherit their guard. A calibration error is covered from above by one sum whatever the signs of the bins, and
  from below only after the noise that it may owe to bins of uncertain sign is taken off: conservative where a model is
  well calibrated. The area under the risk-coverage curve allows for errors of the highest confidence that a sample may
  have missed, which costs most where there are few errors.
- **rogan-gladen** is an approximation, and a weak judge is refused when its labels show it to be weak; what is counted
  are the runs that were not refused, which are those where the labels flattered the judge.
- **student-t** is exact for normal repeats and only for them; times are skewed, and the last row of the second table
  says what that costs.
"""


def page(results: dict[str, list[Cell]], grid: Grid, seed: int) -> str:
    """The whole page in Markdown."""
    parts = [
        HEADER.format(
            flags=" --quick" if grid.replications < FULL.replications else "",
            seed=seed,
            nominal=NOMINAL,
            tolerance=TOLERANCE,
            proportions=", ".join(f"{p:g}" for p in grid.proportions),
            sizes=", ".join(map(str, grid.sizes)),
            clusters=", ".join(map(str, grid.clusters)),
            correlations=", ".join(f"{icc:g}" for icc in grid.correlations),
        ),
        *table(results, used=True),
        "\n## For comparison: what findings do not use\n",
        *table(results, used=False),
        "\n## Worst coverage by clusters and correlation\n\nThe interval in use, equal clusters:\n",
        *cluster_rows(results["cluster-effective-size"]),
        "\nThe usual cluster-robust t interval, which fails where the mean is near 0 or 1:\n",
        *cluster_rows(results["cluster t (CR1)"]),
        READING,
    ]
    return "\n".join(parts)


def table(results: dict[str, list[Cell]], *, used: bool) -> list[str]:
    """The lines of one table: the methods that findings use, or the others."""
    return [COLUMNS, *(row(m, results[m.name]) for m in METHODS if m.used is used)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the grid, write the page, say which interval falls short."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small grid with few replications, in seconds")
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "docs" / "coverage.md")
    options = parser.parse_args(arguments)
    grid = (QUICK if options.quick else FULL)._replace(seed=options.seed)
    results = {}
    for method in METHODS:
        results[method.name] = list(method.cells(grid))
        print(row(method, results[method.name]), flush=True)
    options.out.write_text(page(results, grid, options.seed), encoding="utf-8")
    failed = [m.name for m in METHODS if m.used and shortfalls(results[m.name])]
    print(
        f"wrote {options.out}; " + (f"falls short: {', '.join(failed)}" if failed else "nothing falls short")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
