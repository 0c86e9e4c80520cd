"""That an evaluation ran with parameters or a card of the user's own, so that nobody takes its numbers for the published ones."""

from __future__ import annotations

from collections.abc import Iterator

from qistas.contracts.canonical import canonical
from qistas.contracts.documents import Text
from qistas.contracts.records import Header


def chosen_words(header: Header) -> Iterator[Text]:
    """A sentence for each evaluation some of whose parameters the user chose, with every one and its value."""
    for evaluation, chosen in sorted(header.chosen.items()):
        # Guillemets keep a value in one piece among Arabic words.
        values = [f"{name} = {canonical(value).decode()}" for name, value in sorted(chosen.items())]
        yield Text(
            f"Not {evaluation} as published: the user chose parameters ({'; '.join(values)}). Its numbers are not those "
            "of the published measurement.",
            f"ليس هذا {evaluation} كما نُشر، فبعض إعداداته من اختيار المستخدم ({'؛ '.join(f'«{value}»' for value in values)})، وأرقامه غير أرقام القياس "
            "المنشور.",
        )


def own_card_words(header: Header) -> Iterator[Text]:
    """A sentence for each card that bears the name and version of a published one and says something else.

    Of evaluations with code only parameters can differ, and `chosen_words` says these.
    """
    from qistas.evaluations.cards import card_names, load_card
    from qistas.evaluations.chosen import differing

    published = set(card_names())
    for name, card in sorted(header.evaluations.items()):
        if card.kind == "code" or name not in published:
            continue
        known = load_card(name)
        if card.version != known.version or card == known:
            continue
        parts = ", ".join(differing(card, known))
        yield Text(
            f"Not {name} as published: the card is of the user's own and differs in {parts}. Its numbers are not those of "
            "the published measurement.",
            f"ليس هذا {name} كما نُشر، فالبطاقة من وضع المستخدم وتخالف المنشورة في «{parts}»، وأرقامه غير أرقام القياس المنشور.",
        )
