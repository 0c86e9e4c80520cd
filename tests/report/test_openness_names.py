"""Whatever the records of openness can say has a word in both languages, and no English is left in what is said in Arabic."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping

import msgspec
import pytest
from tests.fakes.assessments import CARD, component, cost, full_assessment, judgement
from tests.report.page import Node, parse

from qistas.contracts.documents import Text
from qistas.contracts.openness import (
    SUPPLY_CODES,
    Assessment,
    ClauseFact,
    Component,
    Contradiction,
    CostStatement,
    DifferingSpan,
    DisclosedCost,
    Effect,
    Level,
    LicenceReading,
    Lineage,
    LineageConflict,
    LineageEdge,
    LineageNode,
    Match,
    MofProjection,
    OsaidProjection,
    Projections,
    Quote,
    Severity,
    SupplyFinding,
    UnreadPage,
)
from qistas.evaluations.openness import lineage_rules, supply_chain, unread
from qistas.evaluations.openness.clauses import book
from qistas.evaluations.openness.ladder import load_ladders
from qistas.evaluations.openness.training_cost_rules import cost_rules
from qistas.report import openness_chrome, openness_names
from qistas.report import openness_explained as explained
from qistas.report.openness_costs import amount
from qistas.report.openness_dimensions import title
from qistas.report.openness_html import render_openness_html
from qistas.report.openness_markdown import openness_markdown
from qistas.report.openness_names import clause_line, clause_value, fact_words
from qistas.report.openness_terminal import openness_lines
from qistas.report.openness_unread import LANGUAGES
from qistas.report.openness_words import VALUES

_ARABIC = re.compile("[\u0621-\u064a]")
# Names of formats, of frameworks and of units, which are the same in both languages.
_PROPER = "FLOP kWh kgCO tCO USD III bytes safetensors gguf pickle zip tar numpy hdf5 onnx"


def of(literal: object, *, without: tuple[str, ...] = ()) -> set[str]:
    return set(typing.get_args(literal)) - set(without)


def field(record: type, name: str) -> set[str]:
    hint = typing.get_type_hints(record)[name]
    return {
        value
        for part in (hint, *typing.get_args(hint))
        for value in typing.get_args(part)
        if isinstance(value, str)
    }


def fact_values() -> set[str]:
    """Every word that a rule about clauses may give as its value."""
    rules = [(fact, rule) for fact in book().facts for rule in fact.rules]
    return {rule.value for _, rule in rules if rule.value not in ("", "number", "text", "places")}


def languages() -> set[str]:
    """Every language that prose may be told to be in; those that are known by their script alone have no name."""
    rules = unread._rules()
    found = {one.name for script in rules.scripts for one in script.languages} | set(rules.function_words)
    return {name for name in found if not name.startswith("und") and name != unread.READ}


ENUMERATED: list[tuple[str, set[str], Mapping[str, Text]]] = [
    ("facts of clauses", {fact.id for fact in book().facts}, openness_names.FACTS),
    ("values of facts", fact_values(), openness_names.FACT_VALUES),
    ("places", set(book().places), openness_names.TERRITORIES),
    ("effects", of(Effect), openness_names.EFFECTS),
    ("conflicts", {rule.id for rule in lineage_rules.lineage_rules().conflicts}, openness_names.CONFLICTS),
    ("statuses", field(LineageNode, "status"), openness_names.STATUSES),
    ("kinds of node", field(LineageNode, "kind"), openness_chrome.KINDS),
    ("places of licences", field(LicenceReading, "place"), openness_chrome.PLACES),
    ("what is covered", field(Component, "type"), openness_chrome.KINDS),
    ("matches", of(Match), VALUES),
    ("levels", of(Level), VALUES),
    ("severities", of(Severity), VALUES),
    ("verdicts", field(OsaidProjection, "verdict"), VALUES),
    ("costs", field(DisclosedCost, "value"), VALUES),
    (
        "kinds of figures",
        {kind for one in cost_rules().quantities for kind in one.kinds},
        openness_names.KINDS,
    ),
    ("formulas", {one.formula for one in cost_rules().derived}, openness_names.FORMULAS),
    ("concentration", {"disclosed", "partly", "undisclosed", "undetermined"}, VALUES),
    (
        "relations",
        {rule.relation for rule in lineage_rules.lineage_rules().sentences}
        | set(lineage_rules.lineage_rules().onward)
        | {"trained_on"},
        openness_names.RELATIONS,
    ),
    ("languages", languages(), LANGUAGES),
    ("findings about files", set(SUPPLY_CODES), supply_chain._rules().reasons),
]


@pytest.mark.parametrize(
    ("keys", "words"), [row[1:] for row in ENUMERATED], ids=[row[0] for row in ENUMERATED]
)
def test_every_key_has_its_word_in_both_languages(keys: set[str], words: Mapping[str, Text]) -> None:
    assert keys
    assert keys - set(words) == set()
    for key in keys:
        assert re.search("[A-Za-z]", words[key].en)
        assert _ARABIC.search(words[key].ar)


def test_every_quantity_and_dimension_has_its_title_in_both_languages() -> None:
    titles = [openness_names.quantity_words(one.id) for one in cost_rules().quantities]
    titles += [openness_names.quantity_words("hardware")]
    for area, name in explained._LADDERS.items():
        path = explained.Path(str(explained.room.__file__)).parent / name
        for ladder in load_ladders(path).ladders:
            titles.append(ladder.title)
            assert area == "mof" or title(area, ladder.id) == ladder.title
    assert [one for one in titles if not _ARABIC.search(one.ar)] == []


def every_clause() -> tuple[ClauseFact, ...]:
    """A clause for each fact with each value that it may have."""
    said = {"file": "…", "line": 1, "quote": "…"}
    found = [ClauseFact(fact=fact.id, value=True, **said) for fact in book().facts]  # type: ignore[arg-type]
    values: list[tuple[str, str | int]] = [("outputs_train_models", value) for value in sorted(fact_values())]
    values += [("territory_exclusion", place) for place in book().places]
    values += [("threshold_mau", 700_000_000)]
    found += [ClauseFact(fact=fact, value=value, **said) for fact, value in values]  # type: ignore[arg-type]
    effects = [
        ClauseFact(fact="threshold_mau", value=1, effect=effect, **said) for effect in openness_names.EFFECTS
    ]  # type: ignore[arg-type]
    return (*found, *effects)


def every_cost() -> dict[str, DisclosedCost]:
    """Each quantity, stated, worked out, unread or undisclosed, with a figure of each scope, kind and phase."""
    reason = Text("said", "مذكور")
    figures = tuple(
        CostStatement(stated="5", low=low, high=high, subject=None, scope=scope, kind=kind, phase=phase)  # type: ignore[arg-type]
        for low, high in ((5.0, 5.0), (1.0, 2.0), (3.0, None), (None, 4e6), (2e9, 7e12), (1e21, 2e22))
        for scope in ("total", "release", "model")
        for kind in (None, *openness_names.KINDS)
        for phase in cost_rules().phase_words
    )
    units = [*{one.unit for one in cost_rules().quantities}, cost_rules().hardware.unit]
    made = {
        f"hardware{at}": cost(
            disclosed=True, unit=unit, low=1.0, high=3.0, stated="5", statements=figures, reason=reason
        )
        for at, unit in enumerate(units)
    }
    for at, rule in enumerate(cost_rules().derived):
        made[f"d{at}"] = cost(
            derived=True, low=1.0, high=2.0, unit="FLOP", formula=rule.formula, stated="6", value="derived"
        )
    plain = {one.id: cost(quantity=one.id, reason=reason) for one in cost_rules().quantities}
    return (
        plain
        | {name: one for name, one in made.items() if name in plain}
        | dict(
            zip(
                plain,
                [*made.values(), cost(value="unread", reason=reason), cost(reason=reason)],
                strict=False,
            )
        )
    )


def everything() -> Assessment:
    """An assessment with every word that the rules can give; the release's own words are in no Latin letters."""
    say, listed = Text("said", "مذكور"), Quote(file="…", line=0, quote="…")
    kinds = [rule.id for rule in lineage_rules.lineage_rules().conflicts]
    levels = dict(
        zip(
            ("modelcard", "preprint", "code", "paper"),
            ("open", "partial", "closed", "undetermined"),
            strict=True,
        )
    )
    parts = {
        name: judgement(value, "…")
        for name, value in (("use", "blocked"), ("code", "not_blocked"), ("study", "undetermined"))
    }
    judged = {
        name: msgspec.structs.replace(judgement(value, "undetermined", listed), reason=say)
        for name, value in levels.items()
    }
    verdicts = [msgspec.structs.replace(one, reason=say, rule="undetermined") for one in parts.values()]
    licences = tuple(
        LicenceReading(
            file="…", id=None, name="…", match=match, place=place, applies_to=("code", "data", "document", "weights"),  # type: ignore[arg-type]
            osi=None, fsf=None, open=open_, reason=say, clauses=every_clause(), clauses_changed=changed,
            differs=(DifferingSpan(line=1, found="", expected="…"), DifferingSpan(line=2, found="…")),
        )
        for match, place, open_, changed in (
            ("exact", "text", True, None), ("near", "card", False, True), ("near", "header", None, False), ("unknown", "policy", None, None),
        )
    )  # fmt: skip
    return msgspec.structs.replace(
        full_assessment(),
        release={"source": "…", "revision": None, "files": 1, "documents": 1, "listed_only": 1, "read_on": None, "digest": None, "notes": [], "incorporates": []},
        licences=licences,
        projections=Projections(
            mof=MofProjection(class_=0, progress={"3": 1}, components={"model_card": component(title=say, reason=say, licence="unlicensed", rule="undetermined", evidence=(listed,))}, reasons=(say,)),
            eu=judged,
            osaid=OsaidProjection(verdict="undetermined", blockers=(), parts=dict(zip(parts, verdicts, strict=True))),
        ),
        concentration={
            name: msgspec.structs.replace(judgement(value, "undetermined"), reason=say)
            for name, value in zip(("data", "compute", "labour", "hosting"), ("disclosed", "partly", "undisclosed", "undetermined"), strict=True)
        },
        lineage=Lineage(
            nodes=tuple(LineageNode(id="…", kind=kind, status=status) for kind in ("model", "dataset") for status in openness_names.STATUSES),  # type: ignore[arg-type]
            edges=tuple(LineageEdge(child="…", parent="…", relation=relation) for relation in openness_names.RELATIONS),
            conflicts=tuple(LineageConflict(kind=kind, path=("…", "…"), reason=say) for kind in kinds),
        ),
        supply_chain=tuple(
            SupplyFinding(file="…", format=form, severity=severity, code="…", reason=say, runs=("…",))
            for severity in sorted(of(Severity))
            for form in ("safetensors", "zip", *openness_names.FORMATS)
        ),  # type: ignore[arg-type]
        contradictions=tuple(Contradiction(about=about, reason=say, evidence=(listed,)) for about in openness_names.ABOUT),
        training_cost=every_cost(),
        unread=(UnreadPage(file="…", language="und", share=0.6, lines=(1, 2)), UnreadPage(file="…", language="zh", share=0.6, lines=(1, 2))),
    )  # fmt: skip


def latin(shown: str) -> set[str]:
    """The words in Latin letters that are no proper name, command or address."""
    bare = re.sub(r"--explain [a-z_.]+|--licence-texts DIR|sha256:\w*|</?[a-z]+[^>]*>|`[^`]*`", " ", shown)
    return {word for word in re.findall(r"[A-Za-z][A-Za-z_-]{2,}", bare) if word not in _PROPER.split()}


def test_no_english_is_left_in_arabic_lines_and_markdown() -> None:
    assert latin("\n".join(openness_lines([everything()], "ar"))) == set()
    assert latin(openness_markdown([everything()], "ar")) == set()
    assert latin("\n".join(openness_lines([everything()], "en"))) != set()


def test_no_english_is_left_in_what_is_explained_in_arabic() -> None:
    costs = [f"training_cost.{name}" for name in everything().training_cost]
    for dimension in ("licences", "lineage", "supply_chain", "contradictions", *costs):
        said = "\n".join(explained.explained_lines([everything()], dimension, "ar")[1:])
        assert latin(said) == set(), dimension


def test_no_english_is_left_in_the_arabic_of_the_page() -> None:
    root = parse(render_openness_html([everything()], "ar"))
    shared = next(node for node in root.walk() if node.attributes.get("class") == "shared")
    arabic = [
        node for node in shared.walk() if isinstance(node, Node) and node.attributes.get("lang") == "ar"
    ]
    left = set().union(*(latin(node.text) for node in arabic))
    assert len(arabic) > 300
    # The page says how hidden characters are written out.
    assert left == set()


def test_a_clause_is_said_with_its_value_and_what_holds_beyond_it() -> None:
    limit = ClauseFact(
        fact="threshold_mau", value=700_000_000, effect="permission", quote="…", file="L", line=1
    )
    assert (
        clause_line(limit, "en")
        == "limit of monthly active users: 700,000,000 (beyond it, permission is needed)"
    )
    assert clause_line(limit, "ar") == "حدّ المستخدمين النشطين شهريًّا: 700,000,000 (وبعده يلزم إذن)"
    name = ClauseFact(fact="naming_duty", value="Heron", quote="…", file="L", line=1)
    assert clause_value(name) == Text("“Heron”", "«Heron»")
    assert fact_words("of_another_version") == Text("of_another_version", "of_another_version")


def test_amounts_are_said_with_units_that_bend_with_the_number() -> None:
    def said(low: float | None, high: float | None, unit: str, lang: typing.Any = "ar") -> str:
        return amount(cost(disclosed=True, low=low, high=high, unit=unit), lang)

    assert said(1.0, 1.0, "accelerator", "en") == "1 accelerator"
    assert said(1.0, 1.0, "accelerator") == "مسرّع واحد"
    assert said(4.0, 4.0, "accelerator") == "4 مسرّعات"
    assert said(16.0, 16.0, "accelerator") == "16 مسرّعًا"
    assert said(7e6, 7e6, "h") == "7 ملايين ساعة"
    assert said(1.5e13, 1.5e13, "token") == "15 تريليون رمز"
    assert said(2e21, None, "FLOP") == "2 × 10²¹ FLOP على الأقلّ"
    assert said(None, 12.5, "kWh", "en") == "at most 12.5 kWh"
    assert said(39_250_000.0, 39_350_000.0, "h", "en") == "39.25 to 39.35 million hours"
    assert said(900_000.0, 1_100_000.0, "h", "en") == "900,000 to 1.1 million hours"
    assert said(1234567.0, 1234569.0, "h", "en") == "1.234567 to 1.234569 million hours"
    assert said(None, None, "h", "en") == ""


def test_worked_out_figures_name_the_formula_and_its_factors_in_both_languages() -> None:
    derived = cost(
        derived=True,
        low=6e21,
        high=6e21,
        unit="FLOP",
        formula="6 × parameters × tokens",
        stated="6 × 1B × 1T",
        value="derived",
    )
    assert amount(derived, "en") == "6 × 10²¹ FLOP (worked out: 6 × parameters × tokens, from “6 × 1B × 1T”)"
    assert amount(derived, "ar") == "6 × 10²¹ FLOP (محسوب: 6 × المعاملات × الرموز، من «6 × 1B × 1T»)"
    assert amount(cost(disclosed=True, low=None, text="w" * 200), "en").endswith("w…”")
    page = render_openness_html(
        [msgspec.structs.replace(full_assessment(), training_cost={"compute": derived})]
    )
    assert '<bdi dir="ltr">6 × 1B × 1T</bdi>' in page.decode()
    assert '<bdi dir="ltr">6 × 10²¹ FLOP</bdi>' in page.decode()


def test_the_evidence_of_everything_is_shown_in_markdown() -> None:
    assert CARD.quote.replace("\n", " ") in openness_markdown([full_assessment()])
