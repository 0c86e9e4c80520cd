"""What a release says of the cost of its training: figures as intervals with their words, or undisclosed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from qistas.contracts.documents import Text
from qistas.contracts.openness import DisclosedCost
from qistas.evaluations.openness.conditions import distinct
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.subjects import own_names
from qistas.evaluations.openness.training_cost_derived import Figure, figures_of, whole_of, worked_out
from qistas.evaluations.openness.training_cost_hardware import hardware_readings
from qistas.evaluations.openness.training_cost_numbers import Interval
from qistas.evaluations.openness.training_cost_readings import (
    MOST_PAGE_CHARACTERS,
    Reading,
    View,
    sentence_readings,
    view_of,
)
from qistas.evaluations.openness.training_cost_rules import Derivation, Phase, cost_rules
from qistas.evaluations.openness.training_cost_tables import table_readings

MOST_PAGES = 60
MOST_CHARACTERS = 2_000_000
MOST_TEXT_CHARACTERS = 900


def training_cost(record: ReleaseRecord) -> dict[str, DisclosedCost]:
    """Each quantity of training by name: ``compute`` (FLOP), ``accelerator_hours`` and ``wall_time`` (h), ``energy`` (kWh), ``carbon``
    (tCO2eq), ``money`` (USD), ``tokens``, ``parameters``, and ``hardware``, whose interval is the number of accelerators.

    An interval holds every stated figure: what rounding leaves open of one figure, from the least to the greatest of several (of
    several models, each told in ``text``), never a sum that the documents do not state themselves. ``high`` is ``None`` behind “over”. Figures
    for inference and of other models are left out, those for fine-tuning count only where none is for training, those for one stage
    of several only where none is for more; the reason says which. What is worked out from other figures of the same model is
    ``derived`` and not disclosed (FLOP = 6·N·D, N the active parameters: Kaplan et al., 2020, arXiv 2001.08361).
    """
    own = own_names(record)
    found = [reading for page in _pages(record) for reading in _readings(view_of(page, own))]
    titles = [(rule.id, rule.unit, rule.title, rule.aux) for rule in cost_rules().quantities]
    hardware = cost_rules().hardware
    told = {
        name: _told(reading for reading in found if reading.quantity == name)
        for name in (*(rule.id for rule in cost_rules().quantities), "hardware")
    }
    made = {
        name: _cost(name, unit, title, told[name])
        for name, unit, title, _ in (*titles, ("hardware", hardware.unit, hardware.title, False))
    }
    figures = {name: figures_of(readings) for name, readings in told.items()}
    for derivation in cost_rules().derived:
        if not made[derivation.quantity].disclosed and (products := worked_out(derivation, figures)):
            figures[derivation.quantity] = products
            made[derivation.quantity] = _derived(derivation, made[derivation.quantity].unit, products)
    aux = {name for name, _, _, only in titles if only}
    return {name: cost for name, cost in made.items() if name not in aux}


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


def _readings(view: View) -> Iterator[Reading]:
    yield from sentence_readings(view)
    yield from table_readings(view)
    yield from hardware_readings(view)


def _cost(name: str, unit: str, title: Text, told: Sequence[Reading]) -> DisclosedCost:
    if not told:
        return DisclosedCost(
            quantity=name,
            disclosed=False,
            low=None,
            high=None,
            unit=unit,
            derived=False,
            formula=None,
            reason=_filled("undisclosed", title=title),
        )
    intervals = [reading.interval for reading in told if reading.interval is not None]
    whole = reduce(Interval.around, intervals) if intervals else None
    phase: Phase = "pretraining" if any(reading.phase == "pretraining" for reading in told) else told[0].phase
    words = list(dict.fromkeys(reading.said for reading in told))
    return DisclosedCost(
        quantity=name,
        disclosed=True,
        low=whole.low if whole else None,
        high=whole.high if whole else None,
        unit=unit,
        derived=False,
        formula=None,
        reason=_filled(
            "several" if len(words) > 1 else "disclosed",
            phase=cost_rules().phase_words[phase],
            count=len(words),
        ),
        text="; ".join(words)[:MOST_TEXT_CHARACTERS],
        evidence=distinct(reading.quote for reading in told),
    )


def _told(found: Iterable[Reading]) -> list[Reading]:
    """The figures for training, those for fine-tuning where there are no others; those for one stage where none is for more."""
    counted = [reading for reading in found if not reading.aside]
    first = [reading for reading in counted if reading.phase != "tuning"] or counted
    return [reading for reading in first if not reading.part] or first


def _derived(rule: Derivation, unit: str, products: Sequence[Figure]) -> DisclosedCost:
    whole = whole_of(products)
    return DisclosedCost(
        quantity=rule.quantity,
        disclosed=False,
        low=whole.low,
        high=whole.high,
        unit=unit,
        derived=True,
        formula=rule.formula,
        reason=_filled("derived", formula=rule.formula),
        evidence=distinct(quote for product in products for quote in product.quotes),
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
