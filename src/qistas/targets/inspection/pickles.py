"""Pickles, read opcode by opcode with ``pickletools``: every stream of a file, also one that breaks off.

An unpickler runs what comes before a fault before it finds the fault; so what was read until there counts.
"""

from __future__ import annotations

import io
import pickletools
import re
from typing import Any

from qistas.targets.inspection.pickle_machine import Machine
from qistas.targets.inspection.reading import Reading, Unfinished
from qistas.targets.inspection.source import Source

MOST_OPCODES = 300_000
MOST_STREAMS = 64
MOST_PROBED = 20_000
MOST_ARGUMENT_BYTES = 2**20
MOST_WHOLE_BYTES = 4 * 2**20
MOST_LINE_BYTES = 65_536
# A checkpoint of PyTorch before 1.6: magic number, protocol, system, object, keys of the storages; then raw storages.
TORCH_STREAMS = 5

_NAME = re.compile(r"[A-Za-z_][\w.]*\Z")


class _Passed(bytes):
    """Bytes that were passed over: as long as they are, and empty."""

    length: int

    def __len__(self) -> int:
        return self.length


class _Stream:
    """What ``pickletools`` reads from; an argument that is too long to be read is passed over."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def read(self, count: int) -> bytes:
        left = self._source.size - self._source.position
        count = min(count, left)
        if count <= MOST_ARGUMENT_BYTES:
            return self._source.take(count, MOST_ARGUMENT_BYTES)
        self._source.skip(count)
        passed = _Passed()
        passed.length = count
        return passed

    def readline(self) -> bytes:
        return self._source.line(MOST_LINE_BYTES)

    def tell(self) -> int:
        return self._source.position


class _Played:
    """How the reading of one stream went."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.opcodes = 0
        self.broken: str | None = None


def begins(source: Source) -> bool:
    """Whether the first bytes are those of a pickle of protocol 2 or later."""
    head = source.at(0, 3)
    return len(head) == 3 and head[0] == 0x80 and head[1] <= 5


def probe(source: Source, reading: Reading, *, lenient: bool) -> bool:
    """Whether an unpickler would get anywhere with these bytes.

    So it is where they are a whole pickle, or look up a name before they break off. ``lenient``: the file is called a
    pickle, or comes where one is expected; then less is asked.
    """
    trial = Reading("pickle", reading.deadline)
    try:
        played = _play(source, Machine(trial, ""), MOST_PROBED)
    except Unfinished:
        return True
    plausible = any(_NAME.match(one.module) and _NAME.match(one.name) for one in played.machine.names)
    whole = played.broken is None and played.opcodes > 1
    if begins(source):
        return whole or plausible or lenient
    if whole:
        return plausible or source.position == source.size
    return plausible and (lenient or played.machine.calls)


def read(source: Source, reading: Reading, where: str = "") -> int:
    """Reads every pickle that follows another; the position after the last.

    ``where``: the member of an archive that the bytes are, for messages.
    """
    position, streams, torch = 0, 0, False
    while position < source.size and streams < MOST_STREAMS:
        part = source.part(position)
        if streams and not probe(part, reading, lenient=False):
            break
        played = _play(part, Machine(reading, where), MOST_OPCODES)
        streams += 1
        torch |= played.machine.torch_magic
        if played.broken is not None:
            _broken(played, reading, where)
            return source.size
        position += part.position
        if torch and streams == TORCH_STREAMS:
            reading.say("pickle.kind", "torch-legacy")
            return source.size
    if streams == MOST_STREAMS:
        raise Unfinished(f"more than {MOST_STREAMS} pickles follow one another")
    return position


def _play(source: Source, machine: Machine, most_opcodes: int) -> _Played:
    played = _Played(machine)
    # What is short is read at once: that is several times faster.
    whole = most_opcodes > MOST_PROBED and source.size <= MOST_WHOLE_BYTES
    source.position = 0
    stream: Any = io.BytesIO(source.at(0, source.size)) if whole else _Stream(source)
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            machine.step(opcode, argument)
            played.opcodes += 1
            if played.opcodes % 4096 == 0:
                machine.check_time()
            if played.opcodes >= most_opcodes:
                raise Unfinished(f"more than {most_opcodes:,} opcodes")
    except (ValueError, OverflowError, IndexError) as error:
        played.broken = str(error)
    source.position = stream.tell()
    return played


def _broken(played: _Played, reading: Reading, where: str) -> None:
    code = "pickle-broken-after-call" if played.machine.calls or played.machine.names else "pickle-broken"
    inside = f" in {where}" if where else ""
    reading.fault(code, f"after {played.opcodes:,} opcodes{inside}: {played.broken}")
