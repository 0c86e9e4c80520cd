"""An assessment with something in every field, for what is written of one."""

from __future__ import annotations

from qistas.contracts.documents import Text
from qistas.contracts.openness import (
    Assessment,
    ClauseFact,
    Component,
    Contradiction,
    DisclosedCost,
    Judgement,
    LicenceReading,
    Lineage,
    LineageConflict,
    LineageEdge,
    LineageNode,
    MofProjection,
    OsaidProjection,
    Projections,
    Quote,
    SupplyFinding,
)

CARD = Quote(file="README.md", line=7, quote="The weights are\nhere.", digest="sha256:ab")
LISTED = Quote(file="model.bin", line=0, quote="model.bin")


def both(text: str) -> Text:
    """A sentence whose Arabic can be told from the English."""
    return Text(text, f"ع {text}")


def judgement(value: str, rule: str, *evidence: Quote) -> Judgement:
    """A judgement with a reason."""
    return Judgement(value=value, rule=rule, reason=both(f"because of {rule}"), evidence=evidence)


def cost(**fields: object) -> DisclosedCost:
    """A quantity of training, undisclosed unless said otherwise."""
    given = {
        "quantity": "energy",
        "disclosed": False,
        "low": None,
        "high": None,
        "unit": "kWh",
        "derived": False,
        "formula": None,
        "reason": both("not said"),
    }
    return DisclosedCost(**(given | fields))  # type: ignore[arg-type]


def component(**fields: object) -> Component:
    """A model card that counts, unless said otherwise."""
    given = {
        "id": "model_card",
        "number": 13,
        "title": both("Model card"),
        "type": "document",
        "framework_class": 3,
        "required": True,
        "present": True,
        "licence": "CC-BY-4.0",
        "open": True,
        "type_appropriate": True,
        "counts": True,
        "reason": both("there and open"),
        "evidence": (CARD,),
        "rule": "short-card",
    }
    return Component(**(given | fields))  # type: ignore[arg-type]


LICENCE = LicenceReading(
    file="LICENSE",
    id="LicenseRef-example",
    name="Example",
    match="near",
    place="text",
    applies_to=("weights",),
    osi=False,
    fsf=None,
    open=False,
    reason=both("limits use"),
    clauses=(
        ClauseFact(
            fact="threshold_mau",
            value=700,
            quote="more than 700 users",
            file="LICENSE",
            line=3,
            effect="permission",
        ),
        ClauseFact(fact="notice_duty", value=True, quote="keep the notice", file="LICENSE", line=9),
    ),
    evidence=(CARD,),
)
LINEAGE = Lineage(
    nodes=(LineageNode(id="a/base", kind="model", status="named"),),
    edges=(LineageEdge(child="example/model", parent="a/base", relation="finetune"),),
    conflicts=(
        LineageConflict(
            kind="dropped", path=("a/base", "b"), reason=both("a term was dropped"), clauses=(CARD,)
        ),
    ),
)


def _costs() -> dict[str, DisclosedCost]:
    return {
        "energy": cost(),
        "wall_time": cost(
            quantity="wall_time",
            disclosed=True,
            low=10.0,
            high=12.5,
            unit="h",
            value="stated",
            stated="10 to 12 hours",
            evidence=(CARD,),
        ),
        "compute": cost(
            quantity="compute",
            disclosed=False,
            low=6e21,
            high=6e21,
            unit="FLOP",
            derived=True,
            formula="6 × parameters × tokens",
            value="derived",
        ),
        "hardware": cost(quantity="hardware", disclosed=True, unit="", text="8 boards"),
        "money": cost(quantity="money", disclosed=True, high=1e6, unit="USD"),
    }


def full_assessment() -> Assessment:
    """Something in every field."""
    blocked = judgement("blocked", "use-limits", CARD)
    return Assessment(
        qistas="1",
        release={
            "source": "example/model",
            "revision": "r1",
            "files": 3,
            "documents": 2,
            "listed_only": 1,
            "digest": "sha256:00",
            "read_on": "2026-01-31",
            "incorporates": [
                {"address": "example.org/policy", "evidence": {"file": "LICENSE", "line": 4}},
                {"address": None, "evidence": {"file": "LICENSE", "line": 5}},
            ],
            "notes": [{"en": "a note", "ar": "ملاحظة"}],
        },
        licences=(LICENCE,),
        projections=Projections(
            mof=MofProjection(
                class_=3,
                progress={"3": 100, "2": 50, "1": 0},
                components={"model_card": component()},
                reasons=(both("no training code"),),
            ),
            eu={
                "modelcard": judgement("open", "full-card", CARD),
                "paper": judgement("undetermined", "undetermined"),
                "made_up": judgement("closed", "said", LISTED),
            },
            osaid=OsaidProjection(verdict="blocked", blockers=(blocked,), parts={"use": blocked}),
        ),
        concentration={"compute": judgement("disclosed", "named", CARD)},
        lineage=LINEAGE,
        supply_chain=(
            SupplyFinding(
                file="ok.safetensors", format="safetensors", severity="ok", code="ok", reason=both("fine")
            ),
            SupplyFinding(
                file="model.bin",
                format="pickle",
                severity="danger",
                code="pickle-runs",
                reason=both("would run code"),
                runs=("os.system",),
                evidence=(LISTED,),
            ),
        ),
        contradictions=(
            Contradiction(about="licence", reason=both("two licences"), evidence=(CARD, LISTED)),
        ),
        training_cost=_costs(),
    )
