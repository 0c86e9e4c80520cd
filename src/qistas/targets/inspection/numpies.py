"""NumPy arrays in files: an array of objects is a pickle behind a header.

Source: NumPy enhancement proposal 1, "A simple file format for NumPy arrays".
"""

from __future__ import annotations

import re

from qistas.targets.inspection import pickles
from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import EndsEarlyError, Source

MAGIC = b"\x93NUMPY"
MOST_HEADER_BYTES = 65_536

# An object anywhere in the type, also in a field of a structured one.
_OBJECTS = re.compile(r"""['"][|<>=]?O\d{0,3}['"]""")


def claims(source: Source) -> bool:
    """Whether the first bytes are those of a NumPy array."""
    return source.at(0, 6) == MAGIC


def read(source: Source, reading: Reading, where: str = "") -> None:
    """Whether the array holds objects, and if so the pickle that they are in."""
    source.position = 6
    try:
        version = source.take(2)[0]
        length = int.from_bytes(source.take(2 if version == 1 else 4), "little")
        header = source.take(length, MOST_HEADER_BYTES).decode("utf-8", "replace")
    except EndsEarlyError as error:
        reading.fault("numpy-header", str(error))
        return
    if "'descr'" not in header and '"descr"' not in header:
        reading.fault("numpy-header", "the header does not describe an array")
    elif _OBJECTS.search(header):
        reading.fault("numpy-objects", f"an array of objects is a pickle{f' in {where}' if where else ''}")
        pickles.read(source.part(source.position), reading, where)
