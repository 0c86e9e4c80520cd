"""Where a release says two different things about its licence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from qistas.contracts.documents import Text
from qistas.contracts.openness import ClauseFact, Contradiction, LicenceReading, Quote
from qistas.evaluations.openness.conditions import changed_lines
from qistas.evaluations.openness.licence_names import Kind, meant
from qistas.evaluations.openness.licence_readings import restricts
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord

_CARDS = r"(?:^|/)(?:readme|[^/]{0,60}model[-_ ]?card)[^/]{0,60}\.(?:md|txt|rst)$"
_OPEN_CLAIM = (
    r"\b(?:models?|weights|llms?|this|it|which)\b[^.\n]{0,40}\b(?:is|are)(?: \w{1,12}){0,2} open[- ]?sourced?\b(?! (?:libraries|code|software|tool))"
    r"|\b(?:under|with) an? (?:\w{1,12} )?open(?:[- ]source)? licen[cs]e\b"
    r"|\b(?:we|our|this)\b[^.\n]{0,60}\bopen[- ]?sourc(?:e|ed|ing)\b[^.\n]{0,40}\b(?:models?|weights|checkpoints|llms?)\b"
)
_COMMERCIAL_CLAIM = (
    r"\bfree (?:for|of charge for)[^.\n]{0,60}\bcommercial use\b|\bcommercial (?:use|usage|purposes) (?:is|are) (?:\w{1,10} )?(?:allowed|permitted|free)\b"
    r"|\b(?:allows?|permits?|allowed|permitted|intended|licen[cs]ed|available|free)\b[^.\n]{0,40}\b(?:for|both)\b[^.\n]{0,60}\bcommercial(?: and research| or research)? (?:use|usage|applications?|purposes)\b"
    r"|\bcommercial(?:ly)?[- ](?:usable|friendly)\b|\bintended for commercial\b|\bfor both research(?:ers)? and commercial\b"
)
_NEGATED = (
    r"\bnot\b|\bnon-?commercial\b|\bno commercial\b|\bprohibit|\bunlike\b|\b(?:other|existing|many|most|available|current|leading|popular) "
    r"(?:of the )?(?:available )?open|\bcompar|\boutperform|\bthan\b|\bexcept\b|\blibrar"
)
_TRAINING_CLAIM = r"\boutputs?\b[^.\n]{0,80}\b(?:can|may|is allowed to|are allowed to)\b[^.\n]{0,40}\b(?:train|improve|distil)"
_MOST = 40
# Of several clauses that restrict, the one that shows it most plainly stands against a claim.
_PLAIN = (
    "non_commercial",
    "research_only",
    "field_of_use",
    "outputs_train_models",
    "territory_exclusion",
    "no_derivatives",
    "no_redistribution",
    "threshold_mau",
    "threshold_dau",
    "threshold_revenue_usd",
)


def contradictions(record: ReleaseRecord) -> tuple[Contradiction, ...]:
    """Every pair of places that contradict each other, with the words of both; at most 40."""
    readings = record.licences if record.licences_were_read else read_licences(record)
    found: list[Contradiction] = []
    for one in (*_names(readings), *_changed(record, readings), *_claims(record, readings)):
        if one not in found:
            found.append(one)
    return tuple(found[:_MOST])


def _names(readings: Sequence[LicenceReading]) -> Iterator[Contradiction]:
    """Card against text, header against card and text: different licences for the same kind of component."""
    texts = [one for one in readings if one.place == "text" and one.match != "unknown" and one.applies_to]
    cards = [one for one in readings if one.place == "card" and one.file.count("/") == 0 and one.name]
    headers = [one for one in readings if one.place == "header"]
    for one, others in ((cards, texts), (headers, texts), (headers, cards)):
        for left, right in product(one, others):
            shared = set(left.applies_to) & set(right.applies_to)
            if shared and _differ(left, right) and not _agrees(left, others, shared):
                yield _of_names(left, right, shared)
    yield from _confused(cards, texts)


def _differ(one: LicenceReading, other: LicenceReading) -> bool:
    left, right = _ids(one), _ids(other)
    return bool(left and right and left.isdisjoint(right))


def _ids(reading: LicenceReading) -> frozenset[str]:
    ids = {reading.id} if reading.id else {licence.id for licence in meant(reading.name)}
    return frozenset(re.sub(r"-(?:only|or-later)$", "", identifier) for identifier in ids)


def _agrees(reading: LicenceReading, others: Sequence[LicenceReading], shared: set[Kind]) -> bool:
    """Whether another of them gives the same licence for these kinds: several texts may cover one model."""
    return any(_ids(reading) & _ids(other) and shared & set(other.applies_to) for other in others)


_PLACES = {
    "card": ("the card", "البطاقة"),
    "text": ("the licence text", "نصّ الترخيص"),
    "header": ("the weights' header", "ترويسة الأوزان"),
}
_KINDS = {
    "code": ("the code", "الشفرة"),
    "data": ("the data", "البيانات"),
    "document": ("the documents", "الوثائق"),
    "weights": ("the weights", "الأوزان"),
}


def _of_names(left: LicenceReading, right: LicenceReading, shared: set[Kind]) -> Contradiction:
    kinds = sorted(shared)
    return Contradiction(
        about="licence",
        reason=Text(
            en=f"For {', '.join(_KINDS[kind][0] for kind in kinds)}, {_PLACES[left.place][0]} says {left.name} and "
            f"{_PLACES[right.place][0]} says {right.name}.",
            ar=f"فيما يخصّ {'، '.join(_KINDS[kind][1] for kind in kinds)}: في {_PLACES[left.place][1]} {left.name}، وفي "
            f"{_PLACES[right.place][1]} {right.name}.",
        ),
        evidence=(*left.evidence, *right.evidence),
    )


def _confused(cards: Sequence[LicenceReading], texts: Sequence[LicenceReading]) -> Iterator[Contradiction]:
    """A card's one licence that is the code's, while the weights have another text."""
    codes = [text for text in texts if "code" in text.applies_to and "weights" not in text.applies_to]
    weights = [text for text in texts if "weights" in text.applies_to]
    for card, code, weight in product(cards, codes, weights):
        if "weights" in card.applies_to and _ids(card) & _ids(code) and _differ(card, weight):
            yield Contradiction(
                about="code_or_weights",
                reason=Text(
                    en=f"The card says {card.name}, which is the licence of the code; the weights are under {weight.name}.",
                    ar=f"في البطاقة {card.name}، وهو ترخيص الشفرة؛ أمّا الأوزان فترخيصها {weight.name}.",
                ),
                evidence=(*card.evidence, *weight.evidence),
            )


def _changed(record: ReleaseRecord, readings: Sequence[LicenceReading]) -> Iterator[Contradiction]:
    """A card that names an open licence, and a text near to it that adds limits of its own or has other words in its clauses."""
    cards = [one for one in readings if one.place in {"card", "header"} and one.match == "exact" and one.open]
    for text in readings:
        added = min(filter(restricts, text.clauses), key=_plainness, default=None)
        if text.place != "text" or text.match == "exact" or not (added or text.clauses_changed):
            continue
        for card in cards:
            if not set(text.applies_to) & set(card.applies_to):
                continue
            if added and (text.match == "unknown" or _ids(card) & _ids(text)):
                yield _modified(card, text, (_quote(added),))
            elif text.clauses_changed and _ids(card) & _ids(text):
                yield _modified(card, text, changed_lines(record, text))


def _modified(card: LicenceReading, text: LicenceReading, shown: tuple[Quote, ...]) -> Contradiction:
    limits = any(map(restricts, text.clauses))
    en = (
        f"adds limits that {card.name} does not have"
        if limits
        else f"has other words in its clauses than {card.name}"
    )
    ar = "يضيف قيودًا ليست فيه" if limits else "يختلف عنه في كلمات من بنوده"
    return Contradiction(
        about="modified_licence",
        reason=Text(
            en=f"{card.name} is named, but the text in {text.file} {en}.",
            ar=f"يُذكر {card.name}، لكنّ النصّ في {text.file} {ar}.",
        ),
        evidence=(*card.evidence, *shown),
    )


def _claims(record: ReleaseRecord, readings: Sequence[LicenceReading]) -> Iterator[Contradiction]:
    """What a card claims of openness, commercial use or outputs, against a clause of the weights' licence."""
    clauses = [
        clause
        for one in readings
        if "weights" in one.applies_to and one.place == "text"
        for clause in one.clauses
    ]
    restrictive = min(filter(restricts, clauses), key=_plainness, default=None)
    commercial = _first(clauses, "non_commercial", "research_only")
    outputs = next(
        (one for one in clauses if one.fact == "outputs_train_models" and one.value == "forbidden"), None
    )
    for claim, against, about, reason in (
        (_OPEN_CLAIM, restrictive, "open_source_claim", _OPEN_SAID),
        (_COMMERCIAL_CLAIM, commercial, "commercial_use", _COMMERCIAL_SAID),
        (_TRAINING_CLAIM, outputs, "outputs", _OUTPUTS_SAID),
    ):
        if against is None:
            continue
        for quote in record.said(claim, where=_CARDS, never=_NEGATED):
            yield Contradiction(about=about, reason=reason, evidence=(quote, _quote(against)))
            break


_OPEN_SAID = Text(
    en="The card calls the model or its licence open; the licence restricts who may use it or for what.",
    ar="تصف البطاقة النموذج أو ترخيصه بأنّه مفتوح، والترخيص يقيّد مَن يستعمله أو أغراض استعماله.",
)
_COMMERCIAL_SAID = Text(
    en="The card allows commercial use; the licence does not.",
    ar="تسمح البطاقة بالاستعمال التجاري، ولا يسمح به الترخيص.",
)
_OUTPUTS_SAID = Text(
    en="The card lets outputs train other models; the licence does not.",
    ar="تسمح البطاقة بتدريب نماذج أخرى على المخرجات، ولا يسمح به الترخيص.",
)


def _plainness(clause: ClauseFact) -> int:
    return _PLAIN.index(clause.fact) if clause.fact in _PLAIN else len(_PLAIN)


def _first(clauses: Sequence[ClauseFact], *facts: str) -> ClauseFact | None:
    return next((clause for clause in clauses if clause.fact in facts), None)


def _quote(clause: ClauseFact) -> Quote:
    return Quote(file=clause.file, line=clause.line, quote=clause.quote, digest=clause.digest)
