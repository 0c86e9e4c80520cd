"""A dimension explained: its rules, which of them decided, and the words with file and line."""

import msgspec
import pytest
from tests.fakes.assessments import CARD, component, full_assessment, judgement

from qistas.contracts.errors import UnknownName
from qistas.contracts.openness import Assessment
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
example/model: European Open Source AI Index: modelcard
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
    assert shown("time").splitlines()[1:5] == [
        "  10-12.5 h",
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
    assert "    LICENSE:3  users_threshold = 700: “more than 700 users”" in shown("licences").splitlines()
    assert shown("lineage").splitlines()[1:5] == [
        "    id: a/base, kind: model, status: named",
        "    child: example/model, parent: a/base, relation: finetune",
        "  a term was dropped",
        "    kind: dropped, path: a/base b",
    ]
    assert "  would run code" in shown("supply_chain").splitlines()
    assert "    model.bin  “model.bin”" in shown("contradictions").splitlines()
    none = msgspec.structs.replace(full_assessment(), contradictions=())
    assert shown("contradictions", none).splitlines()[1:] == ["  none found"]


def test_a_name_in_two_frameworks_is_explained_in_both() -> None:
    made = msgspec.structs.replace(
        full_assessment(), concentration={"use": judgement("disclosed", "named", CARD)}
    )

    assert [line for line in shown("use", made).splitlines() if line.startswith("example")] == [
        "example/model: Open Source AI Definition 1.0: use",
        "example/model: Concentration: use",
    ]


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
