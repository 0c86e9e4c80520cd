"""Calibrates every instrument on the bundled weights and writes what came out.

    python tools/write_calibration.py              run (it resumes) and write
    python tools/write_calibration.py --seeds 0    without the coverage
    python tools/write_calibration.py --check      only say whether the documents follow from docs/calibration.json

Written are ``docs/calibration.json`` (the whole run), ``docs/calibration.md`` and its Arabic twin, and
``src/qistas/evaluations/calibrations.json``, from which reports say what was calibrated. Exit status 1 when an
instrument does not find what was planted, or a document is out of date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from qistas.api.calibrating import calibrate, calibration_text, require_recovery
from qistas.contracts.calibrations import Calibration
from qistas.contracts.documents import Language
from qistas.contracts.errors import CheckFailed
from qistas.findings.recovery import records_of

ROOT = Path(__file__).parent.parent
RUN = Path("docs/calibration.json")
_TWINS: dict[Language, tuple[Path, str]] = {
    "en": (Path("docs/calibration.md"), "[العربية](calibration.ar.md)"),
    "ar": (Path("docs/calibration.ar.md"), '<a href="calibration.md" lang="en" dir="ltr">English</a>'),
}
_RECORDS = Path("src/qistas/evaluations/calibrations.json")


def documents(calibration: Calibration) -> dict[Path, bytes]:
    """Every file that follows from a run, by its place in the checkout."""
    texts = {
        path: _with_link(calibration_text(calibration, "md", lang), link).encode()
        for lang, (path, link) in _TWINS.items()
    }
    records = msgspec.json.encode(records_of(calibration), order="deterministic")
    return {
        RUN: calibration_text(calibration, "json").encode(),
        **texts,
        _RECORDS: msgspec.json.format(records, indent=2) + b"\n",
    }


def _with_link(page: str, link: str) -> str:
    """A guide leads to itself in the other language, below its title."""
    before, title, after = page.partition("# ")
    name, newline, rest = after.partition("\n")
    return f"{before}{title}{name}{newline}\n{link}\n{rest}"


def main(arguments: list[str]) -> int:
    """Run and write, or with ``--check`` compare; returns the exit status."""
    parser = argparse.ArgumentParser(description="Calibrate every instrument and write the documents.")
    parser.add_argument("--seeds", type=int, default=200, help="drawings for the coverage (default 200)")
    parser.add_argument("--out", type=Path, default=Path("runs/calibration"), help="folder of the runs")
    parser.add_argument("--check", action="store_true", help="only compare the documents with the run")
    given = parser.parse_args(arguments)
    if given.check:
        return _check(ROOT)
    calibration = calibrate(out=given.out, seeds=given.seeds)
    for place, data in documents(calibration).items():
        (ROOT / place).write_bytes(data)
        print(f"wrote {place}")
    try:
        require_recovery(calibration)
    except CheckFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check(root: Path) -> int:
    calibration = msgspec.json.decode((root / RUN).read_bytes(), type=Calibration)
    stale = [place for place, data in documents(calibration).items() if _read(root / place) != data]
    for place in stale:
        print(f"{place} is out of date: python tools/write_calibration.py")
    return 1 if stale else 0


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
