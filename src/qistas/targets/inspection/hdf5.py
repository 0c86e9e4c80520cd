"""HDF5 files of Keras: a Lambda layer holds Python code as marshalled bytes; it is looked for in the model's description."""

from __future__ import annotations

import re

from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import Source

MOST_SEARCHED_BYTES = 64 * 2**20
_PIECE_BYTES = 2**20
_LAMBDA = re.compile(rb'"class_name"\s{0,4}:\s{0,4}"(Lambda|TFOpLambda)"')


def read(source: Source, reading: Reading) -> None:
    """Looks for layers that hold code, in the first `MOST_SEARCHED_BYTES`."""
    for position in range(0, min(source.size, MOST_SEARCHED_BYTES), _PIECE_BYTES):
        reading.deadline.check()
        find_lambda(source.at(position, _PIECE_BYTES + 64), reading, "")


def find_lambda(data: bytes, reading: Reading, where: str) -> None:
    """Notes a layer that holds code, in a description of a Keras model."""
    if match := _LAMBDA.search(data):
        inside = f" in {where}" if where else ""
        reading.fault("keras-lambda", f"a layer of class {match[1].decode()} holds code{inside}")
        reading.run(f"{match[1].decode()} layer")
