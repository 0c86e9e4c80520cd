"""What stands on the card of an adaptive attack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, TypeVar

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import Fault, InvalidDocument
from qistas.contracts.exchanges import Decoding
from qistas.evaluations.of_card import read_parameters
from qistas.standards.template import columns

# So many that nobody means more; a number without end would have the run begin and never ask.
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
P = TypeVar("P", bound="AttackParameters")
S = TypeVar("S", bound=msgspec.Struct)

FIRST, ANY = "attack_success_first", "attack_success_any"
KNOWN = {"objective", "language", "prompt", "response", "score"}


class Most(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most that one sample may ask of each model: the target, the attacker and the judging model."""

    target: Count
    attacker: Count
    judge: Count


class AttackParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all adaptive attacks have in common.

    ``most_queries`` and ``most_tokens``: the budget of one sample; tokens in and out, as the models count them.
    ``attempts``: how often the attacker is asked for one answer until it keeps to the form. ``history``: how many of
    its last turns it is shown. ``decoding``: of the attacker; its seed counts up with every request of a sample.
    ``scores``: what the attacker is told of a label of the judge, from 1 (refused) to 10 (complied).
    ``attacker``: what is said to it, by occasion, as templates over ``objective``, ``language`` and, where there are
    any, ``prompt``, ``response`` and ``score``.
    """

    most_queries: Most
    most_tokens: Most
    attempts: Count
    history: Count
    decoding: Decoding
    scores: dict[str, float]
    attacker: dict[str, str]


def parameters_of(card: EvaluationCard, form: type[P], occasions: set[str]) -> P:
    """The card's parameters in this form.

    Raises:
        InvalidDocument: with every fault of what they mean.
    """
    parameters = read_parameters(card, form)
    faults = list(_faults(card, parameters, occasions))
    if faults:
        raise InvalidDocument(*faults)
    return parameters


def _faults(card: EvaluationCard, parameters: AttackParameters, occasions: set[str]) -> Iterator[Fault]:
    metrics = {metric.id: metric for metric in card.metrics}
    for name in (FIRST, ANY):
        labels = (metrics[name].labels if name in metrics else None) or {}
        if set(labels) != set(parameters.scores):
            what = f"the labels of {name!r} and the keys of 'scores' must be the same"
            yield Fault(what, card.id, f"scores has {', '.join(sorted(parameters.scores)) or 'none'}")
    # A share of attack success says nothing without the budget that it was reached with.
    budget = str(parameters.most_queries.target)
    title = metrics[ANY].title if ANY in metrics else None
    if title is not None and not (budget in title.en.split() and budget in title.ar.split()):
        yield Fault(
            f"the title of {ANY!r} does not name its budget", card.id, f"say {budget} in both languages"
        )
    if not card.judge:
        yield Fault("an attack needs a judge", card.id, "name one in 'judge'")
    for name in sorted(occasions - set(parameters.attacker)):
        yield Fault(f"the attacker is told nothing for {name!r}", card.id, "add it under 'attacker'")
    for name, template in parameters.attacker.items():
        if unknown := sorted(set(columns(template)) - KNOWN):
            known = ", ".join(sorted(KNOWN))
            yield Fault(f"the text {name!r} names {', '.join(unknown)}", card.id, f"known: {known}")
