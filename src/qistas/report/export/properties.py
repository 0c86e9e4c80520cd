"""Names and values for what a format has no field for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qistas.contracts.documents import Language
from qistas.contracts.openness import Assessment, Judgement
from qistas.report.export.material import Material
from qistas.report.words import text

Properties = list[tuple[str, str]]


def properties(area: str, found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """``qistas:<area>:<name>`` with its value, each."""
    return [{"name": f"qistas:{area}:{name}", "value": value} for name, value in found]


def release_properties(material: Material) -> list[dict[str, str]]:
    """By what the document can be checked: the ledger's head, the standard, the digests."""
    found: Properties = []
    if material.report:
        report = material.report
        found += [
            ("ledger:head", report.ledger.head),
            ("ledger:records", str(report.ledger.records)),
            ("standard", f"{report.standard.id} {report.standard.version}"),
            ("weights:digest", report.model.digest or f"none: {report.model.digest_reason or 'not read'}"),
        ]
    if material.assessment:
        found.append(("release:digest", str(material.assessment.release["digest"])))
    return [{"name": f"qistas:{name}", "value": value} for name, value in found]


def openness_properties(made: Assessment, lang: Language) -> list[dict[str, str]]:
    """Every projection of the release, with why; what is undetermined says so and is never a number."""
    return [
        *properties("mof", _framework(made, lang)),
        *properties("osaid", [("verdict", made.projections.osaid.verdict)]),
        *properties("eu", _judged(made.projections.eu, lang)),
        *properties("concentration", _judged(made.concentration, lang)),
        *properties("contradiction", [(one.about, text(one.reason, lang)) for one in made.contradictions]),
        *properties(
            "lineage_conflict",
            [
                (one.kind, f"{' > '.join(one.path)}: {text(one.reason, lang)}")
                for one in made.lineage.conflicts
            ],
        ),
    ]


def _framework(made: Assessment, lang: Language) -> Iterator[tuple[str, str]]:
    mof = made.projections.mof
    yield "class", str(mof.class_) if mof.class_ else "none"
    for name, per_cent in sorted(mof.progress.items()):
        yield f"progress:{name}", str(per_cent)
    for reason in mof.reasons:
        yield "reason", text(reason, lang)


def _judged(judgements: dict[str, Judgement], lang: Language) -> Iterator[tuple[str, str]]:
    for name, one in judgements.items():
        yield name, one.value
        yield f"{name}:reason", text(one.reason, lang)
