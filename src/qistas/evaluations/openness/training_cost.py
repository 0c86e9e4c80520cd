"""What a release says of the cost of its training: figures as intervals with their words, or undisclosed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from qistas.contracts.documents import Text
from qistas.contracts.openness import CostStatement, DisclosedCost
from qistas.evaluations.openness.conditions import distinct
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.subjects import own_names
from qistas.evaluations.openness.training_cost_derived import Figure, figures_of, worked_out
from qistas.evaluations.openness.training_cost_hardware import hardware_readings
from qistas.evaluations.openness.training_cost_readings import (
    MOST_PAGE_CHARACTERS,
    Reading,
    sentence_readings,
    view_of,
)
from qistas.evaluations.openness.training_cost_rules import Derivation, Hardware, Phase, cost_rules
from qistas.evaluations.openness.training_cost_statements import (
    MOST_STATEMENTS,
    counted_readings,
    head_of,
    shared_by_models,
    sizes_apart,
    statements_of,
    told,
    with_kinds,
)
from qistas.evaluations.openness.training_cost_subjects import View
from qistas.evaluations.openness.training_cost_tables import table_readings

MOST_PAGES = 60
MOST_CHARACTERS = 2_000_000
MOST_TEXT_CHARACTERS = 900
_LANGUAGE = re.compile(r"[._-][a-z]{2}(?:[._-][a-z]{2,4})?\.(?=[a-z]{2,8}$)", re.IGNORECASE)


def training_cost(record: ReleaseRecord, unread: Collection[str] = ()) -> dict[str, DisclosedCost]:
    """Each quantity of training by name: ``compute`` (FLOP), ``accelerator_hours`` and ``wall_time`` (h), ``energy`` (kWh), ``carbon``
    (tCO2eq), ``money`` (USD), ``tokens``, ``parameters``, and ``hardware``, whose interval is the number of accelerators.

    Every stated figure is a statement of its own, with what its rounding leaves open and of what it is told; ``DisclosedCost`` says which of
    them stand at the head. No sum is made that the documents do not state themselves. Figures
    for inference and of other models are left out, those for fine-tuning count only where none is for training, those for one stage
    of several only where none is for more. What is worked out from other figures of the same model is
    ``derived`` and not disclosed (FLOP = 6·N·D, N the active parameters: Kaplan et al., 2020, arXiv 2001.08361). Where nothing is stated
    and a document is in a language that the rules do not read (``unread``: the paths of such), the quantity is ``unread``, unless the same
    document stands beside it in one that they read.
    """
    own = own_names(record)
    pages, rules = _pages(record), cost_rules()
    found = [reading for page in pages for reading in _readings(view_of(page, own))]
    missed = _missed([page.path for page in pages], unread)
    titles = (*((rule.id, rule.unit, rule.title) for rule in rules.quantities), _hardware(rules.hardware))
    read = {name: with_kinds([one for one in found if one.quantity == name]) for name, _, _ in titles}
    read["parameters"] = sizes_apart(read["parameters"])
    read = {name: shared_by_models(readings) for name, readings in read.items()}
    counted = {name: counted_readings(readings) for name, readings in read.items()}
    made = {name: _cost(name, unit, title, read[name], counted[name], missed) for name, unit, title in titles}
    figures = {
        name: figures_of([one for one in readings if _may_be_worked_with(one, counted[name])])
        for name, readings in read.items()
    }
    for derivation in rules.derived:
        if not made[derivation.quantity].disclosed and (products := worked_out(derivation, figures)):
            figures[derivation.quantity] = products
            made[derivation.quantity] = _derived(derivation, made[derivation.quantity].unit, products)
    aux = {rule.id for rule in rules.quantities if rule.aux}
    return {name: cost for name, cost in made.items() if name not in aux}


def _hardware(hardware: Hardware) -> tuple[str, str, Text]:
    return "hardware", hardware.unit, hardware.title


def _may_be_worked_with(reading: Reading, counted: Sequence[Reading]) -> bool:
    """What counts, and active parameters beside all of them."""
    return reading.kind == "active" or any(reading is one for one in counted)


def _pages(record: ReleaseRecord) -> list[Page]:
    never = re.compile(cost_rules().never_in, re.IGNORECASE)
    pages = [page for page in record.pages_named(cost_rules().cards) if not never.search(page.path)]
    read, left = [], MOST_CHARACTERS
    for page in sorted(pages, key=lambda page: (page.path.count("/"), page.path))[:MOST_PAGES]:
        left -= min(len(page.text), MOST_PAGE_CHARACTERS)
        if left < 0:
            break
        read.append(page)
    return read


def _missed(paths: Sequence[str], unread: Collection[str]) -> bool:
    """Whether one of the documents is unread, and does not stand there in another language too."""
    read = {_untranslated(path) for path in paths if path not in unread}
    return any(path in unread and _untranslated(path) not in read for path in paths)


def _untranslated(path: str) -> str:
    """The path without what says its language: ``README_zh.md``, ``README.ar.md``."""
    return _LANGUAGE.sub(".", path).lower()


def _readings(view: View) -> Iterator[Reading]:
    yield from sentence_readings(view)
    yield from table_readings(view)
    yield from hardware_readings(view)


def _cost(
    name: str, unit: str, title: Text, found: Sequence[Reading], counted: Sequence[Reading], missed: bool
) -> DisclosedCost:
    if not counted:
        value: Literal["undisclosed", "unread"] = "unread" if missed else "undisclosed"
        return DisclosedCost(
            quantity=name,
            disclosed=False,
            low=None,
            high=None,
            unit=unit,
            derived=False,
            formula=None,
            reason=_filled(value, title=title),
            value=value,
        )
    statements = statements_of(found, counted)
    head = head_of(statements)
    words = list(dict.fromkeys(told(one) for one in statements if one.counted))
    phase: Phase = "pretraining" if any(one.phase == "pretraining" for one in counted) else counted[0].phase
    return DisclosedCost(
        quantity=name,
        disclosed=True,
        low=head.interval.low if head.interval else None,
        high=head.interval.high if head.interval else None,
        unit=unit,
        derived=False,
        formula=None,
        reason=_filled(
            head.name,
            phase=_phase_words(name, phase),
            count=len({(one.low, one.high) for one in head.statements}),
            subject=head.statements[0].subject,
        ),
        text="; ".join(words)[:MOST_TEXT_CHARACTERS],
        evidence=distinct(reading.quote for reading in counted),
        value="stated",
        headline=head.name,
        stated=head.stated,
        statements=statements[:MOST_STATEMENTS],
    )


def _phase_words(name: str, phase: Phase) -> Text:
    unphased = any(rule.id == name and not rule.phased for rule in cost_rules().quantities)
    return cost_rules().unphased_words if unphased else cost_rules().phase_words[phase]


def _derived(rule: Derivation, unit: str, products: Sequence[Figure]) -> DisclosedCost:
    statements = tuple(dict.fromkeys(_worked_out(product) for product in products))
    head = head_of(statements)
    return DisclosedCost(
        quantity=rule.quantity,
        disclosed=False,
        low=head.interval.low if head.interval else None,
        high=head.interval.high if head.interval else None,
        unit=unit,
        derived=True,
        formula=rule.formula,
        reason=_filled("derived", formula=rule.formula),
        evidence=distinct(quote for one in head.statements for quote in one.evidence),
        value="derived",
        headline=head.name,
        stated=head.stated,
        statements=statements[:MOST_STATEMENTS],
    )


def _worked_out(product: Figure) -> CostStatement:
    return CostStatement(
        stated=product.said,
        low=product.interval.low,
        high=product.interval.high,
        subject=product.subject,
        scope=product.scope,
        counted=True,
        evidence=product.quotes,
    )


def _filled(name: str, **given: object) -> Text:
    says = cost_rules().says[name]  # type: ignore[index]

    def one(language: str) -> str:
        shown = {
            key: getattr(value, language) if isinstance(value, Text) else value
            for key, value in given.items()
        }
        return str(getattr(says, language).format(**shown))

    return Text(one("en"), one("ar"))
