"""A dimension explained: its rules, which of them decided, and the words with file and line."""

import msgspec
import pytest
from tests.fakes.assessments import CARD, component, cost, full_assessment, judgement

from qistas.contracts.errors import UnknownName
from qistas.contracts.openness import Assessment, CostStatement, DifferingSpan, LineageNode
from qistas.evaluations.openness import ladder as ladders
from qistas.report import openness_explained
from qistas.report.openness_explained import explained_lines

LADDERS = """\
qistas: ladders/1
values: [open, partial, closed]
ladders:
  - id: modelcard
    title: {en: Model card, ar: بطاقة النموذج}
    question: {en: Is there a card?, ar: هل من بطاقة؟}
    shows: repository
    otherwise: {en: no card is here, ar: لا بطاقة هنا}
    rungs:
      - {id: full-card, value: open, why: {en: a full card, ar: بطاقة كاملة}, when: {file: {path: readme}}}
      - {id: short-card, value: partial, why: {en: a short card, ar: بطاقة قصيرة}, when: {file: {path: card}}}
  - id: paper
    title: {en: Paper, ar: ورقة}
    question: {en: Is there a paper?, ar: هل من ورقة؟}
    shows: elsewhere
    otherwise: {en: not shown here, ar: لا تظهر هنا}
"""


@pytest.fixture(autouse=True)
def _ladders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        openness_explained, "load_ladders", lambda path: ladders.read_ladders("ladders.yaml", LADDERS)
    )


def shown(dimension: str, made: Assessment | None = None, lang: str = "en") -> str:
    return "\n".join(explained_lines([made or full_assessment()], dimension, lang))  # type: ignore[arg-type]


def test_the_ladder_the_rung_that_decided_and_the_evidence_are_shown() -> None:
    assert (
        shown("modelcard")
        == """\
example/model: European Open Source AI Index: Model card (modelcard)
  Model card
  Asked: Is there a card?
  Rules, of which the first that holds decides
  → full-card (open): a full card
    short-card (partial): a short card
    otherwise (undetermined): no card is here
  Decided: open (full-card): because of full-card
  Evidence
    README.md:7  “The weights are here.”
      sha256:ab"""
    )


def test_where_no_rung_holds_the_arrow_stands_at_otherwise() -> None:
    made = full_assessment()
    eu = made.projections.eu | {"modelcard": judgement("undetermined", "undetermined")}
    changed = msgspec.structs.replace(made, projections=msgspec.structs.replace(made.projections, eu=eu))
    lines = shown("eu.modelcard", changed).splitlines()

    assert [line for line in lines if "→" in line] == ["  → otherwise (undetermined): no card is here"]
    assert lines[-1] == "  no words decided it"


def test_what_a_repository_cannot_show_has_no_rules() -> None:
    assert "text in a repository cannot show this: there are no rules" in shown("paper")


def test_a_dimension_without_a_ladder_is_explained_by_its_judgement() -> None:
    assert shown("made_up").splitlines()[1] == "  Decided: closed (said): because of said"


def test_a_component_of_the_framework_is_explained() -> None:
    assert shown("mof.model_card").splitlines()[1:6] == [
        "  class III (III 100 %, II 50 %, I 0 %)",
        "  present: yes",
        "  licence: CC-BY-4.0 (open: yes)",
        "  counts: yes",
        "  there and open",
    ]
    made = full_assessment()
    gone = component(present=None, licence=None, open=False, counts=False, evidence=())
    mof = msgspec.structs.replace(made.projections.mof, components={"model_card": gone})
    changed = msgspec.structs.replace(made, projections=msgspec.structs.replace(made.projections, mof=mof))
    assert shown("model_card", changed).splitlines()[2:5] == [
        "  present: undetermined",
        "  licence: – (open: no)",
        "  counts: no",
    ]


def test_the_rule_about_a_component_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    of_component = LADDERS.replace("id: modelcard", "id: model_card")
    monkeypatch.setattr(
        openness_explained, "load_ladders", lambda path: ladders.read_ladders("ladders.yaml", of_component)
    )
    lines = shown("mof.model-card").splitlines()

    assert [line for line in lines if "→" in line] == ["  → short-card (partial): a short card"]


def test_costs_are_explained_with_their_words() -> None:
    assert shown("wall_time").splitlines()[1:5] == [
        "  “10 to 12 hours”, that is 10 to 12.5 hours",
        "  not said",
        "  Evidence",
        "    README.md:7  “The weights are here.”",
    ]
    assert shown("training_cost.energy").splitlines()[1:] == [
        "  undisclosed",
        "  not said",
        "  no words decided it",
    ]


def test_licences_lineage_supply_chain_and_contradictions_are_shown_whole() -> None:
    assert shown("licences").splitlines()[1:8] == [
        "  LICENSE: LicenseRef-example (near match, licence text)",
        "    Identified as: Example",
        "    Covers: weights",
        "    Open licence: no",
        "    limits use",
        "    LICENSE:3  limit of monthly active users: 700 (beyond it, permission is needed): “more than 700 users”",
        "    LICENSE:9  a notice in every copy: “keep the notice”",
    ]
    assert shown("lineage").splitlines()[1:5] == [
        "  a/base: model, named, not read",
        "  example/model ← a/base (fine-tuned)",
        "  dropped: a term was dropped",
        "    The way between them: a/base ← b",
    ]
    assert shown("supply_chain").splitlines()[3:6] == [
        "  model.bin: danger: would run code",
        "    pickle · Rule pickle-runs",
        "    Would run or call: os.system",
    ]
    assert "    model.bin  “model.bin”" in shown("contradictions").splitlines()
    none = msgspec.structs.replace(full_assessment(), contradictions=())
    assert shown("contradictions", none).splitlines()[1:] == ["  none found"]


def test_a_name_in_two_frameworks_is_explained_in_both() -> None:
    made = msgspec.structs.replace(
        full_assessment(), concentration={"use": judgement("disclosed", "named", CARD)}
    )

    assert [line for line in shown("use", made).splitlines() if line.startswith("example")] == [
        "example/model: Open Source AI Definition 1.0: Freedom to use (use)",
        "example/model: Concentration: use (use)",
    ]


def test_a_dimension_is_found_by_its_title_in_either_language() -> None:
    assert shown("Training compute").startswith(
        "example/model: Training cost disclosed: training compute (compute)"
    )
    assert shown("بطاقة النموذج") == shown("modelcard")
    assert shown("Lineage") == shown("lineage")
    assert shown("ع Model card") == shown("mof.model_card")


def test_every_figure_of_a_quantity_is_explained() -> None:
    figures = tuple(
        CostStatement(
            stated=f"{at:g} h", low=at, high=at, subject=subject, scope="model", phase=phase, kind=kind
        )
        for at, subject, phase, kind in (
            (5.0, "Heron 1B", "training", None),
            (9.0, None, "tuning", "active"),
        )
    )
    time = cost(
        quantity="wall_time", disclosed=True, low=5.0, high=9.0, unit="h", value="stated", headline="per_model",
        stated="Heron 1B: 5 h; 9 h", statements=figures,
    )  # fmt: skip
    made = msgspec.structs.replace(full_assessment(), training_cost={"wall_time": time})

    assert shown("wall_time", made).splitlines()[1:5] == [
        "  “Heron 1B: 5 h; 9 h”, that is 5 to 9 hours",
        "  not said",
        "    Heron 1B: “5 h”, that is 5 hours",
        "    one of its models: “9 h”, that is 9 hours (active parameters, for fine-tuning)",
    ]


def test_a_licence_in_its_own_words_and_a_release_in_the_lineage_are_said_whole() -> None:
    full = full_assessment()
    licence = msgspec.structs.replace(
        full.licences[0], id=None, open=None, applies_to=(), clauses=(), clauses_changed=False,
        differs=(DifferingSpan(line=9, found="cats", expected="dogs"),) * 5,
    )  # fmt: skip
    node = LineageNode(id="a/b", kind="dataset", status="renamed", renamed_to="a/c", licence="MIT")
    lineage = msgspec.structs.replace(full.lineage, nodes=(node,))
    made = msgspec.structs.replace(full, licences=(licence,), lineage=lineage)

    lines = shown("licences", made).splitlines()
    assert lines[1] == "  LICENSE: – (near match, its clauses are unchanged, licence text)"
    assert lines[3:5] == ["    Covers: not said", "    Open licence: undetermined"]
    assert lines.count("    line 9: “cats” in place of “dogs”") == 5
    assert shown("lineage", made).splitlines()[1] == "  a/b: data set, renamed → a/c (licence: MIT)"


def test_an_unknown_dimension_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        shown("model-cards")
    assert str(caught.value) == (
        "--explain: unknown dimension 'model-cards' → did you mean: eu.modelcard, mof.model_card"
    )
    with pytest.raises(UnknownName, match=r"one of: concentration.compute, contradictions, eu.made_up"):
        shown("zzzzzz")


def test_arabic_is_arabic() -> None:
    lines = shown("modelcard", lang="ar").splitlines()

    assert lines[2] == "  السؤال: هل من بطاقة؟"
    assert lines[4] == "  → full-card (مفتوح): بطاقة كاملة"
