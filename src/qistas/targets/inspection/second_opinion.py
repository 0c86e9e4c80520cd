"""picklescan beside our own reading, where it is installed (extra ``scan``): a second list of dangerous names."""

from __future__ import annotations

import io
import logging

from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import Source

MOST_BYTES = 128 * 2**10


def ask(source: Source, reading: Reading, where: str = "") -> None:
    """Notes what picklescan calls dangerous in one pickle (``where``: of an archive); nothing where it is not installed or the pickle is long."""
    try:
        from picklescan import scanner
    except ImportError:
        return
    if source.size > MOST_BYTES:
        return
    logging.getLogger("picklescan").disabled = True
    reading.deadline.check()
    key = f"picklescan {where}" if where else "picklescan"
    source.position = 0
    data = io.BytesIO(source.take(source.size, MOST_BYTES))
    try:
        result = scanner.scan_pickle_bytes(data, "pickle")
    except Exception as error:  # noqa: BLE001 - another's parser on bytes made to break it; ours has read them already
        reading.say(key, f"failed: {type(error).__name__}")
        return
    found = sorted(
        f"{one.module}.{one.name}" for one in result.globals if one.safety == scanner.SafetyLevel.Dangerous
    )
    reading.say(key, f"dangerous: {', '.join(found)}" if found else "nothing dangerous")
    for name in found:
        reading.fault("picklescan-dangerous", name)
