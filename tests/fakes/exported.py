"""A release that says something of everything, and a run, as the documents for others are written from them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import msgspec
from tests.fakes.weighing import Weighing, estimate

from qistas.contracts.exchanges import FileInspection, ReleaseFile, ReleaseListing
from qistas.contracts.findings import Report
from qistas.contracts.openness import Assessment
from qistas.evaluations.openness.assessment import assess
from qistas.report.document import build_report
from qistas.report.export.material import Material, material_of_run

LICENCE = (Path(__file__).resolve().parents[2] / "LICENSE").read_text()
CARD = """\
---
license: apache-2.0
pipeline_tag: text-generation
base_model: example-lab/base
datasets:
- example-lab/corpus
---
# Model card

The weights were trained on the example corpus. Training took 1,500 kWh of energy and emitted 0.5 tCO2eq.

## Intended use

It writes short English texts about weather. It is a decoder with 4 layers.

## Limitations

It knows nothing else.
"""
TEXTS = {
    "LICENSE": LICENCE,
    "README.md": CARD,
    "config.json": json.dumps({"model_type": "llama", "architectures": ["LlamaForCausalLM"]}),
}
LISTING = ReleaseListing(
    files=(
        *(ReleaseFile(path=path, size_bytes=len(text.encode())) for path, text in TEXTS.items()),
        ReleaseFile(path="model.safetensors", size_bytes=9, sha256="b" * 64),
    ),
    texts=TEXTS,
    source="hf:example-lab/tuned@main",
    revision="r1",
    inspections=(
        FileInspection(path="model.safetensors", format="safetensors", size_bytes=9, sha256="b" * 64),
    ),
)


@cache
def assessed() -> Assessment:
    """The release, weighed."""
    return assess(LISTING, read_on="2026-01-31")


def of_release() -> Material:
    """What ``qistas openness`` writes from."""
    return Material(assessment=assessed())


def run(**changes: object) -> tuple[Report, Weighing]:
    """A run in which the energy of writing was read too: 7,200 J for 1,000 tokens; and its ledger."""
    weighing = Weighing(**changes)
    read = estimate(7_200.0, 7_000.0, 7_400.0, 5, 5, "student-t")
    findings = tuple(
        msgspec.structs.replace(one, estimate=read, verdict="met")
        if one.criterion == "efficiency.energy"
        else one
        for one in weighing.findings
    )
    return build_report(weighing.reader, findings), weighing


@cache
def of_run(**changes: object) -> Material:
    """What ``qistas report`` writes from."""
    report, weighing = run(**changes)
    return material_of_run(report, weighing.reader)
