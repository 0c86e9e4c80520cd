"""Writes docs/report.schema.json from the record types; `--check` only says whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from qistas.report.json import report_schema

PLACE = Path(__file__).parent.parent / "docs" / "report.schema.json"


def schema_text() -> bytes:
    """The schema as it stands in docs/."""
    return msgspec.json.format(msgspec.json.encode(report_schema()), indent=2) + b"\n"


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` compare; returns the exit status."""
    if "--check" in arguments:
        same = PLACE.is_file() and PLACE.read_bytes() == schema_text()
        print("up to date" if same else f"{PLACE.name} is out of date: python tools/report_schema.py")
        return 0 if same else 1
    PLACE.write_bytes(schema_text())
    print(f"wrote {PLACE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
