"""Rebuilds ``src/qistas/evaluations/openness/licence_exact.json``: word-for-word fingerprints and flags of licences.

    python tools/fingerprint_licence_words.py --texts ../shared/data/openness/licence_texts \
        --spdx ../shared/data/openness/mot/licenses.json --common /usr/share/common-licenses \
        --more LICENSES_FOLDER_OF_licensedcode-data --releases ../shared/data/openness/releases [--check]

Only digests are kept, never a text: of the whole wording, of its first run of five words, and of every run of
five words that ``licences.json`` does not have (as a set, in no order).
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qistas.evaluations.openness.licence_texts import library, shingles
from qistas.evaluations.openness.licence_words import digest_of, words_of

TARGET = Path(__file__).resolve().parent.parent / "src/qistas/evaluations/openness/licence_exact.json"
OTHER_ID = {
    "AGPL-3.0-only": "AGPL-3.0",
    "GPL-3.0-only": "GPL-3.0",
    "LicenseRef-scancode-openmdw-1.0": "OpenMDW-1.0",
}
# The same licences as Debian installs them.
COMMON = {
    "Apache-2.0": "Apache-2.0",
    "CC0-1.0": "CC0-1.0",
    "GFDL-1.2": "GFDL-1.2",
    "GFDL-1.3": "GFDL-1.3",
    "GPL-1": "GPL-1.0",
    "GPL-2": "GPL-2.0",
    "GPL-3": "GPL-3.0",
    "LGPL-2": "LGPL-2.0",
    "LGPL-2.1": "LGPL-2.1",
    "LGPL-3": "LGPL-3.0",
    "MPL-1.1": "MPL-1.1",
    "MPL-2.0": "MPL-2.0",
}
# Keys of LicenseDB that models, their code and their data are often published under.
MORE = [
    "afl-3.0",
    "artistic-2.0",
    "bsd-simplified",
    "bsd-original",
    "bsl-1.0",
    "boost-1.0",
    "cc-by-2.0",
    "cc-by-3.0",
    "cc-by-nc-2.0",
    "cc-by-nc-3.0",
    "cc-by-nc-nd-3.0",
    "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-2.0",
    "cc-by-nc-sa-3.0",
    "cc-by-nd-4.0",
    "cc-by-sa-3.0",
    "cddl-1.0",
    "cecill-2.1",
    "ecl-2.0",
    "epl-1.0",
    "epl-2.0",
    "eupl-1.2",
    "gfdl-1.3",
    "gpl-2.0",
    "isc",
    "lgpl-2.1",
    "lgpl-3.0",
    "mit-0",
    "mpl-2.0",
    "ms-pl",
    "odc-by-1.0",
    "ogl-uk-3.0",
    "ofl-1.1",
    "osl-3.0",
    "postgresql",
    "python",
    "unlicense",
    "upl-1.0",
    "wtfpl-2.0",
    "x11",
    "zlib",
    "bsd-zero",
    "commons-clause",
    "elastic-license-v2",
    "polyform-noncommercial-1.0.0",
    "mulanpsl-2.0",
    "etalab-2.0",
]
# Licences and policies that stand whole in a public release and in no collection: path in --releases → (id, name).
RELEASED = {
    "llama-2/models/llama2/LICENSE": (
        "LicenseRef-scancode-llama-2-license-2023",
        "Llama 2 Community License Agreement 2023",
    ),
    "llama-2/models/llama2/USE_POLICY.md": ("LicenseRef-llama-2-use-policy", "Llama 2 Acceptable Use Policy"),
    "llama-3/models/llama3/LICENSE": (
        "LicenseRef-llama-3-license-2024",
        "Meta Llama 3 Community License Agreement",
    ),
    "llama-3/models/llama3/USE_POLICY.md": (
        "LicenseRef-llama-3-use-policy",
        "Meta Llama 3 Acceptable Use Policy",
    ),
    "llama-3.1/models/llama3_1/LICENSE": (
        "LicenseRef-scancode-llama-3.1-license-2024",
        "Llama 3.1 Community License Agreement 2024",
    ),
    "llama-3.1/models/llama3_1/USE_POLICY.md": (
        "LicenseRef-llama-3.1-use-policy",
        "Llama 3.1 Acceptable Use Policy",
    ),
    "llama-3.2/models/llama3_2/LICENSE": (
        "LicenseRef-scancode-llama-3.2-license-2024",
        "Llama 3.2 Community License Agreement 2024",
    ),
    "llama-3.2/models/llama3_2/USE_POLICY.md": (
        "LicenseRef-llama-3.2-use-policy",
        "Llama 3.2 Acceptable Use Policy",
    ),
    "llama-3.3/models/llama3_3/LICENSE": (
        "LicenseRef-scancode-llama-3.3-license-2024",
        "Llama 3.3 Community License Agreement 2024",
    ),
    "llama-3.3/models/llama3_3/USE_POLICY.md": (
        "LicenseRef-llama-3.3-use-policy",
        "Llama 3.3 Acceptable Use Policy",
    ),
    "llama-4/models/llama4/LICENSE": (
        "LicenseRef-scancode-llama-4-cla-2025",
        "Llama 4 Community License Agreement 2025",
    ),
    "llama-4/models/llama4/USE_POLICY.md": (
        "LicenseRef-scancode-llama-4-license-2025",
        "Llama 4 Acceptable Use Policy 2025",
    ),
    "dbrx/LICENSE": ("LicenseRef-databricks-open-model", "Databricks Open Model License"),
    "opt/projects/OPT/MODEL_LICENSE.md": ("LicenseRef-opt-175b", "OPT-175B License Agreement"),
    "stable-diffusion-v1/LICENSE": (
        "LicenseRef-scancode-stable-diffusion-2022-08-22",
        "Stable Diffusion License 2022-08-22",
    ),
    "alpaca/DATA_LICENSE": (
        "CC-BY-NC-4.0",
        "Creative Commons Attribution-NonCommercial 4.0 International Public License",
    ),
    "pythia/LICENSE": ("Apache-2.0", "Apache License 2.0"),
}
# Where a licence ends and advice on how to apply it begins, and where it begins behind a foreword.
ADVICE = re.compile(
    r"\n[^\n]{0,60}(?:\bAPPENDIX: How to apply the Apache License|How to Apply These Terms to Your New "
    r"|ADDENDUM: How to use this License|Creative Commons is not a party to|Creative Commons may be contacted at)"
)
FOREWORD = re.compile(r"\n={20,}\n\s*(?=Creative Commons (?:Attribution|Legal)[^\n]{0,120}\n)")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def main() -> int:
    """Write the file, or with ``--check`` say whether it is what the texts give."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("texts", "spdx", "common", "more", "releases"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    built = json.dumps(packed(options), ensure_ascii=False, indent=0) + "\n"
    if not options.check:
        TARGET.write_text(built, encoding="utf-8")
    same = TARGET.read_text(encoding="utf-8") == built
    print(f"{TARGET.name}: {len(built):,} bytes, {'as built' if same else 'differs from the texts'}")
    return 0 if same else 1


def packed(options: argparse.Namespace) -> dict[str, Any]:
    """The whole content of ``licence_exact.json``."""
    texts: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for identifier, name, text in _all(options):
        texts.setdefault(identifier, []).append(text)
        names.setdefault(identifier, name)
    listed = json.loads(options.spdx.read_text(encoding="utf-8"))
    base = library()
    has = {licence.id: runs for licence, runs in zip(base.licences, base.shingles, strict=True)}
    licences = []
    owners: dict[bytes, list[int]] = defaultdict(list)
    for index, identifier in enumerate(sorted(texts)):
        wordings = {words for text in texts[identifier] for words in _wordings(text)}
        fingerprints = sorted(_fingerprint(words) for words in wordings)
        licences.append({"id": identifier, "name": names[identifier], "wordings": fingerprints})
        for run in {run for words in wordings for run in shingles(words)} - has.get(identifier, frozenset()):
            owners[run].append(index)
    return {
        "about": "Digests of licence texts, word for word; see tools/fingerprint_licence_words.py.",
        "source": "Derived from aboutcode LicenseDB (CC-BY-4.0, nexB Inc. and others), Debian's common licences and licence "
        f"files of public releases; flags: SPDX licence list {listed['licenseListVersion']} (CC0-1.0).",
        "spdx": _flags(listed),
        "licences": licences,
        "groups": _groups(owners),
    }


def _groups(owners: dict[bytes, list[int]]) -> list[dict[str, Any]]:
    """Runs by the exact set of licences that have them: shared wording is stored once."""
    groups: dict[tuple[int, ...], list[bytes]] = defaultdict(list)
    for run, indices in owners.items():
        groups[tuple(indices)].append(run)
    return [
        {"licences": list(indices), "hashes": base64.b64encode(b"".join(sorted(members))).decode()}
        for indices, members in sorted(groups.items())
    ]


def _all(options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Identifier, name and text of every wording."""
    for path in sorted(options.texts.glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        yield _id(record["spdx_license_key"]), record["name"], record["text"]
    for file, identifier in COMMON.items():
        yield identifier, identifier, (options.common / file).read_text(encoding="utf-8")
    for key in MORE:
        path = options.more / f"{key}.LICENSE"
        if not path.is_file():
            print(f"not there: {key}")
            continue
        text = path.read_text(encoding="utf-8")
        front = _FRONT.match(text)
        fields = dict(re.findall(r"^(spdx_license_key|name): (.*)$", front[0] if front else "", re.MULTILINE))
        yield _id(fields["spdx_license_key"].strip()), fields["name"].strip(), text
    for file, (identifier, name) in RELEASED.items():
        yield identifier, name, (options.releases / file).read_text(encoding="utf-8")


def _id(identifier: str) -> str:
    return OTHER_ID.get(identifier, re.sub(r"-(?:only|or-later)$", "", identifier))


def _wordings(text: str) -> Iterator[tuple[str, ...]]:
    """The whole text, and the text without its foreword and without the advice on how to apply it."""
    text = _FRONT.sub("", text)
    begins = [0, *(match.end() for match in FOREWORD.finditer(text))]
    ends = [*(match.start() for match in ADVICE.finditer(text)), len(text)]
    for begin in begins:
        for end in ends:
            words = words_of(text[begin:end]).words
            if end > begin and len(words) >= 20:
                yield words
                title = re.match(r"[^\n]{0,100}\n\s*\n", text[begin:end].lstrip())
                if title:
                    cut = words[len(words_of(title[0]).words) :]
                    if len(cut) >= 20:
                        yield cut


def _fingerprint(words: tuple[str, ...]) -> tuple[str, int, str]:
    return shingles(words[:5])[0].hex(), len(words), digest_of(words).hex()


def _flags(listed: dict[str, Any]) -> dict[str, list[str]]:
    """Identifiers by flag; those with ``-only`` and ``-or-later`` under their plain name too."""
    flags: dict[str, set[str]] = {"osi": set(), "fsf": set(), "not_fsf": set()}
    for licence in listed["licenses"]:
        both = {licence["licenseId"], re.sub(r"(-only|-or-later|\+)$", "", licence["licenseId"])}
        if licence.get("isOsiApproved"):
            flags["osi"] |= both
        if licence.get("isFsfLibre"):
            flags["fsf"] |= both
        if licence.get("isFsfLibre") is False:
            flags["not_fsf"] |= both
    return {name: sorted(members) for name, members in flags.items()}


if __name__ == "__main__":
    sys.exit(main())
