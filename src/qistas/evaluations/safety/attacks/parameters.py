"""What a card of static attacks may set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import Fault, InvalidDocument, UnknownName
from qistas.evaluations import of_card
from qistas.evaluations.safety.attacks.family import Family
from qistas.evaluations.safety.attacks.registry import FAMILIES, LAYERS, family_named

MOST_REPEATS = 10_000


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``families``: by name, combinations by names joined with ``+``, the first innermost; all where none is named.

    ``repeats``: attempts at one request with one family; each has its own seed, ``seed`` + its number, for what is random
    in the family and for the model's own sampling. ``settings``: values of the families' parameters, by family.
    ``kinds``: only rows whose column ``kind`` is one of these (``standard`` in HarmBench's file); all where none is named.
    """

    families: tuple[str, ...] = ()
    repeats: int = 1
    seed: int = 0
    settings: dict[str, dict[str, Any]] = {}
    kinds: tuple[str, ...] = ()


def read_parameters(card: EvaluationCard) -> tuple[Parameters, dict[str, Family]]:
    """The card's parameters, and the families that they name, with these settings.

    Raises:
        InvalidDocument: with every fault of the parameters.
    """
    parameters = of_card.read_parameters(card, Parameters)
    families: dict[str, Family] = {}
    faults = list(_faults(card, parameters))
    for name in parameters.families or FAMILIES:
        if unknown := [part for part in name.split("+") if part not in LAYERS]:
            found = [UnknownName.of("attack family", part, list(LAYERS)).faults[0] for part in unknown]
            faults += [msgspec.structs.replace(fault, where=card.id) for fault in found]
            continue
        try:
            families[name] = family_named(name, parameters.settings)
        except ValueError as error:
            faults.append(Fault(str(error), card.id))
    if not faults:
        faults = [*_unused(card, parameters, families), *_alike(card, parameters, families)]
    if faults:
        raise InvalidDocument(*faults)
    return parameters, families


def _faults(card: EvaluationCard, parameters: Parameters) -> Iterator[Fault]:
    if not 1 <= parameters.repeats <= MOST_REPEATS:
        what = f"'repeats' must be from 1 to {MOST_REPEATS:,}, not {parameters.repeats}"
        yield Fault(what, card.id, "correct it on the card, or in --param")
    for name in {name for name in parameters.families if parameters.families.count(name) > 1}:
        yield Fault(f"the family {name!r} is named more than once", card.id, "raise 'repeats' instead")


def _unused(card: EvaluationCard, parameters: Parameters, families: dict[str, Family]) -> Iterator[Fault]:
    layers = {layer.id for family in families.values() for layer in family.layers}
    for name in parameters.settings:
        if name not in layers:
            yield Fault(
                f"'settings' are for {name!r}, which no family of the card uses", card.id, "leave them out"
            )


def _alike(card: EvaluationCard, parameters: Parameters, families: dict[str, Family]) -> Iterator[Fault]:
    """Greedy decoding answers one text in one way, so that attempts with the same text would be one attempt."""
    fixed = [name for name, family in families.items() if not family.varies]
    if parameters.repeats > 1 and card.decoding.temperature == 0 and fixed:
        what = f"at temperature 0 all {parameters.repeats} attempts with {', '.join(fixed)} would be the same"
        step = "raise the temperature, set 'repeats' to 1, or name only families that vary"
        yield Fault(what, card.id, step)
