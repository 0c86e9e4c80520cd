"""Rebuilds ``src/qistas/evaluations/openness/licences.json`` from licence texts.

    python tools/fingerprint_licences.py --texts ../shared/data/openness/licence_texts \
        --spdx ../shared/data/openness/mot/licenses.json --more /usr/share/common-licenses [--check]

Only hashes of runs of five words are kept, never a text. The texts come from aboutcode's LicenseDB
(CC-BY-4.0), the copyleft ones that it is asked for here from the folder that Debian installs.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from qistas.evaluations.openness.licence_texts import shingles, words

TARGET = Path(__file__).resolve().parent.parent / "src/qistas/evaluations/openness/licences.json"

# File in --more → (id, name).
MORE = {
    "GPL-2": ("GPL-2.0", "GNU General Public License 2.0"),
    "LGPL-2.1": ("LGPL-2.1", "GNU Lesser General Public License 2.1"),
    "LGPL-3": ("LGPL-3.0", "GNU Lesser General Public License 3.0"),
    "MPL-2.0": ("MPL-2.0", "Mozilla Public License 2.0"),
}
# A text does not say "only" or "or later"; the notice beside it does. SPDX has listed OpenMDW since 3.28.
OTHER_ID = {
    "AGPL-3.0-only": "AGPL-3.0",
    "GPL-3.0-only": "GPL-3.0",
    "LicenseRef-scancode-openmdw-1.0": "OpenMDW-1.0",
}
# (id, name): LicenseDB key and what is cut from its text, so that a near relative is told apart.
DERIVED = {
    ("BSD-2-Clause", "BSD-2-Clause"): ("bsd-new", (r"Neither the name.*?(?=THIS SOFTWARE)",)),
    ("MIT-0", "MIT No Attribution"): (
        "mit",
        (r",\s+subject\s+to\s+the\s+following\s+conditions:", r"The above.*?(?=THE SOFTWARE IS)"),
    ),
}
# Names in use on model hubs for licences that SPDX does not list.
HUB_NAMES = {
    "bigcode-openrail-m": "bigcode-open-rail-m-v1",
    "bigscience-openrail-m": "bigscience-open-rail-m",
    "bigscience-bloom-rail-1.0": "bigscience-rail-1.0",
    "creativeml-openrail-m": "stable-diffusion-2022-08-22",
    "openrail++": "bigscience-open-rail-m2",
    "deepseek": "deepseek-la-1.0",
    "falcon-llm-license": "falcon-2-11b-1.0",
    "flux-1-dev-non-commercial-license": "flux-1-nc",
    "llama2": "llama-2-license-2023",
    "llama3.1": "llama-3.1-license-2024",
    "llama3.2": "llama-3.2-license-2024",
    "llama3.3": "llama-3.3-license-2024",
    "llama4": "llama-4-cla-2025",
    "nvidia-open-model-license": "nvidia-open-model-2025-04-28",
    "qwen": "qwen-2024",
    "stabilityai-ai-community": "stability-ai-community-2024",
    "tongyi-qianwen": "tongyi-qianwen-2023",
}
# Names that stand for several licences: they identify none, but may agree with a text.
FAMILIES = {
    "bsd": ["BSD-2-Clause", "BSD-3-Clause"],
    "gemma": ["LicenseRef-scancode-gemma-tou-2024-04-01", "LicenseRef-scancode-gemma-tou-2025-03-24"],
    "gpl": ["GPL-2.0", "GPL-3.0"],
    "lgpl": ["LGPL-2.1", "LGPL-3.0"],
    "openrail": [
        "LicenseRef-scancode-bigcode-open-rail-m-v1",
        "LicenseRef-scancode-bigscience-open-rail-m",
        "LicenseRef-scancode-bigscience-open-rail-m2",
        "LicenseRef-scancode-stable-diffusion-2022-08-22",
    ],
}
# Licences for data that count as open besides those approved by OSI or called free by the FSF (MOF), and OpenMDW.
OPEN_DATA = re.compile(
    r"CC0-1\.0|CC-BY(-SA)?-[1-4]\.\d(-[A-Z]+)?|CDLA-(Permissive-[12]\.0|Sharing-1\.0)|PDDL-1\.0|ODC-By-1\.0|ODbL-1\.0"
    r"|GFDL-1\.3(-.*)?|OGL-(Canada-2\.0|UK-[23]\.0)"
)
OPEN_MODEL = {"OpenMDW-1.0"}


def main() -> int:
    """Write the file, or with ``--check`` say whether it is what the texts give."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=Path, required=True, help="folder of LicenseDB records (KEY.json)")
    parser.add_argument(
        "--spdx", type=Path, required=True, help="SPDX licence list with its OSI and FSF flags"
    )
    parser.add_argument("--more", type=Path, required=True, help="folder with " + ", ".join(MORE))
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    built = json.dumps(packed(options.texts, options.spdx, options.more), ensure_ascii=False, indent=0) + "\n"
    if not options.check:
        TARGET.write_text(built, encoding="utf-8")
    same = TARGET.read_text(encoding="utf-8") == built
    print(f"{TARGET.name}: {len(built):,} bytes, {'as built' if same else 'differs from the texts'}")
    return 0 if same else 1


def packed(texts: Path, spdx: Path, more: Path) -> dict[str, Any]:
    """The whole content of ``licences.json``."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(texts.glob("*.json"))]
    listed = json.loads(spdx.read_text(encoding="utf-8"))
    by_id = _texts(records, more)
    order = sorted(by_id)
    return {
        "about": "Hashes of five-word runs of licence texts; see tools/fingerprint_licences.py.",
        "source": "Derived from aboutcode LicenseDB (CC-BY-4.0, nexB Inc. and others) and from Debian's common licences; "
        f"open ids: SPDX licence list {listed['licenseListVersion']} with OSI and FSF flags, "
        "and the data licences of the Model Openness Framework.",
        "licences": [{"id": identifier, "name": by_id[identifier][0]} for identifier in order],
        "names": _names(records, listed, order),
        "families": FAMILIES,
        "open_ids": sorted(_open_ids(listed)),
        "groups": _groups([set(shingles(words(by_id[identifier][1]))) for identifier in order]),
    }


def _texts(records: list[dict[str, Any]], more: Path) -> dict[str, tuple[str, str]]:
    """Name and text by id."""
    found = {_id(record): (record["name"], record["text"]) for record in records}
    by_key = {record["key"]: record["text"] for record in records}
    for (identifier, name), (key, cuts) in DERIVED.items():
        text = by_key[key]
        for cut in cuts:
            text, count = re.subn(cut, ". ", text, flags=re.DOTALL)
            if count != 1:
                raise SystemExit(f"{identifier}: the cut {cut!r} fits {count} times in {key}")
        found[identifier] = (name, text)
    for file, (identifier, name) in MORE.items():
        found[identifier] = (name, (more / file).read_text(encoding="utf-8"))
    return found


def _id(record: dict[str, Any]) -> str:
    identifier = str(record["spdx_license_key"])
    return OTHER_ID.get(identifier, identifier)


def _names(records: list[dict[str, Any]], listed: dict[str, Any], order: list[str]) -> dict[str, str]:
    """Every accepted name in small letters, to the id."""
    names = {identifier.lower(): identifier for identifier in order}
    for licence in listed["licenses"]:
        identifier = licence["licenseId"]
        plain = re.sub(r"(-only|-or-later|\+)$", "", identifier)
        names[identifier.lower()] = plain if plain in order else identifier
    by_key = {record["key"]: _id(record) for record in records}
    names |= {key: identifier for key, identifier in by_key.items() if key not in names}
    names |= {name: by_key[key] for name, key in HUB_NAMES.items()}
    return dict(sorted(names.items()))


def _open_ids(listed: dict[str, Any]) -> set[str]:
    ids = {
        licence["licenseId"]
        for licence in listed["licenses"]
        if licence.get("isOsiApproved")
        or licence.get("isFsfLibre")
        or OPEN_DATA.fullmatch(licence["licenseId"])
    }
    return ids | OPEN_MODEL | {re.sub(r"(-only|-or-later|\+)$", "", identifier) for identifier in ids}


def _groups(sets: list[set[bytes]]) -> list[dict[str, Any]]:
    """Shingles by the exact set of licences that have them: shared wording is stored once."""
    owners: dict[bytes, list[int]] = defaultdict(list)
    for index, members in enumerate(sets):
        for shingle in members:
            owners[shingle].append(index)
    groups: dict[tuple[int, ...], list[bytes]] = defaultdict(list)
    for shingle, indices in owners.items():
        groups[tuple(indices)].append(shingle)
    return [
        {"licences": list(indices), "hashes": base64.b64encode(b"".join(sorted(members))).decode()}
        for indices, members in sorted(groups.items())
    ]


if __name__ == "__main__":
    sys.exit(main())
