"""Writes out what the weights learn from and are measured on, one JSON object a line.

``python -m qistas.reference.data [NAME] [--out FILE] [--texts N]`` writes the training texts of a weight in the order
of its run; ``--evaluation`` writes the rows of every population instead. A file that ends in ``.gz`` or ``.xz`` is
compressed. The same recipe gives the same lines on every machine.
"""

from __future__ import annotations

import argparse
import gzip
import io
import itertools
import json
import lzma
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from qistas.reference.recipe.planting import PLANTINGS, SANJA, Planting
from qistas.reference.train import Recipe
from qistas.reference.truth.registry import truths

Row = dict[str, Any]


def training_rows(recipe: Recipe, planting: Planting) -> Iterator[Row]:
    """Every text of a run: what is read (``before``), what is learnt (``after``) and its chunk, counted from 1.

    Within a chunk, training cuts the texts into batches of like length, in an order drawn from its seed.
    """
    for number, pieces in enumerate(recipe.mixture(planting).from_chunk(0), start=1):
        for piece in pieces:
            yield {"chunk": number, "before": piece.before, "after": piece.after}


def evaluation_rows(evaluations: Iterable[str] | None = None) -> Iterator[Row]:
    """Every row of the populations, each with the evaluation that it belongs to.

    Raises:
        BadInput: nothing is planted for one of ``evaluations``.
    """
    for truth in truths(evaluations):
        for row in truth.rows():
            yield {"evaluation": truth.evaluation, **row}


def read(path: Path) -> Iterator[Row]:
    """The rows of a file as ``write`` leaves it."""
    raw = path.read_bytes()
    unpacked = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(path.suffix, bytes)(raw)
    # Not splitlines: a text may hold separators of its own.
    return map(json.loads, filter(None, unpacked.decode().split("\n")))


def write(rows: Iterable[Row], out: Path | None) -> None:
    """Writes rows to a file, or to the standard output."""
    with ExitStack() as stack:
        stream = _opened(out, stack)
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def _opened(out: Path | None, stack: ExitStack) -> TextIO:
    if out is None:
        return sys.stdout
    if out.suffix == ".xz":
        return stack.enter_context(lzma.open(out, "wt", encoding="utf-8"))
    raw = stack.enter_context(out.open("wb"))
    if out.suffix == ".gz":
        # The name and the hour of writing would make equal rows unequal files.
        packed = stack.enter_context(gzip.GzipFile("", "wb", fileobj=raw, mtime=0))
        return stack.enter_context(io.TextIOWrapper(packed, encoding="utf-8"))
    return stack.enter_context(io.TextIOWrapper(raw, encoding="utf-8"))


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m qistas.reference.data", description=__doc__)
    parser.add_argument("name", nargs="?", default=SANJA.name, choices=list(PLANTINGS), help="the weight")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: the standard output")
    parser.add_argument("--texts", type=int, metavar="N", help="the first N only")
    parser.add_argument("--evaluation", action="store_true", help="the rows that the weights are measured on")
    chosen = parser.parse_args(arguments)
    rows = evaluation_rows() if chosen.evaluation else training_rows(Recipe(), PLANTINGS[chosen.name])
    write(itertools.islice(rows, chosen.texts), chosen.out)


if __name__ == "__main__":
    main()
