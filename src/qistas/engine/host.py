"""The machine a run works on, from an allow-list."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from qistas.contracts.identity import HostRecord

_LIBRARIES = ("aiohttp", "msgspec", "numpy", "scipy", "tokenizers", "torch", "transformers")


def host_record() -> HostRecord:
    """CPU model, cores, memory and library versions; never user names, paths or environment variables."""
    libraries = {}
    for name in _LIBRARIES:
        try:
            libraries[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return HostRecord(
        cpu=_field(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_bytes=_memory_bytes(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        libraries=libraries,
    )


def _memory_bytes() -> int | None:
    text = _field(Path("/proc/meminfo"), "MemTotal")
    return int(text.split()[0]) * 1024 if text else None


def _field(path: Path, name: str) -> str | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), None)
