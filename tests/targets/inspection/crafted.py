"""Files made for the tests of inspection: honest ones, and those that somebody with ill will would make."""

import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

from qistas.contracts.exchanges import FileInspection
from qistas.targets.inspection.inspect import inspect_file

SYSTEM = f"{os.system.__module__}.system"


class Runs:
    """Unpickling it would run a command."""

    def __init__(self, command: str = "false") -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def inspected(folder: Path, name: str, data: bytes, **options: Any) -> FileInspection:
    path = folder / name.replace("/", "_")
    path.write_bytes(data)
    return inspect_file(path, name, **options)


def codes(inspection: FileInspection) -> set[str]:
    """The codes of its faults, but for those of the second opinion, which is not everywhere."""
    return {fault.partition(":")[0] for fault in inspection.faults} - {"picklescan-dangerous"}


def safetensors(header: Any, buffer: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + buffer


def tensor(begin: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


HONEST = safetensors(
    {"__metadata__": {"format": "pt"}, "a": tensor(0, 16, [2, 2]), "b": tensor(16, 20, [2], "F16")}, bytes(20)
)


class Gguf:
    """Writes a GGUF file of any version and byte order."""

    def __init__(self, version: int = 3, order: str = "<") -> None:
        self.version, self.order = version, order
        self.keys: list[bytes] = []
        self.tensors: list[bytes] = []

    def number(self, form: str, value: Any) -> bytes:
        return struct.pack(self.order + form, value)

    def size(self, value: int) -> bytes:
        return self.number("I" if self.version == 1 else "Q", value)

    def text(self, value: str) -> bytes:
        return self.size(len(value.encode())) + value.encode()

    def key(self, name: str, kind: int, value: bytes) -> "Gguf":
        self.keys.append(self.text(name) + self.number("I", kind) + value)
        return self

    def word(self, name: str, value: str) -> "Gguf":
        return self.key(name, 8, self.text(value))

    def tensor(self, name: str, shape: list[int], offset: int, kind: int = 0) -> "Gguf":
        dims = b"".join(self.size(one) for one in shape)
        head = self.text(name) + self.number("I", len(shape)) + dims
        self.tensors.append(head + self.number("I", kind) + self.number("Q", offset))
        return self

    def bytes(self, data: bytes = b"", alignment: int = 32) -> bytes:
        counts = self.size(len(self.tensors)) + self.size(len(self.keys))
        head = (
            b"GGUF" + self.number("I", self.version) + counts + b"".join(self.keys) + b"".join(self.tensors)
        )
        return head + bytes(-len(head) % alignment) + data


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def checkpoint(payload: bytes | None = None, more: dict[str, bytes] | None = None) -> bytes:
    """What ``torch.save`` writes, in its outline."""
    own = payload if payload is not None else pickle.dumps({"w": [1.0]}, protocol=2)
    return zipped(
        {"archive/data.pkl": own, "archive/version": b"3\n", "archive/data/0": bytes(64), **(more or {})}
    )
