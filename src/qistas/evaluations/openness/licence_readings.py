"""One licence text, card field, sentence or header, read: which licence it is or names, how surely, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.exchanges import FileInspection
from qistas.contracts.openness import ClauseFact, DifferingSpan, LicenceReading, Quote
from qistas.evaluations.openness.clauses import clauses_of
from qistas.evaluations.openness.licence import declared_names
from qistas.evaluations.openness.licence_exact import Found, Near, Span, added, known, nearest, standing_in
from qistas.evaluations.openness.licence_names import Kind, Named, meant, names_in
from qistas.evaluations.openness.licence_own_texts import OwnTexts, differing, line_of, slice_of
from qistas.evaluations.openness.licence_texts import Licence
from qistas.evaluations.openness.licence_words import Words, words_of
from qistas.evaluations.openness.record import Page

Place = Literal["text", "policy"]
# What is asked beyond a threshold restricts, but for words to be shown; where it was not read, it cannot be told.
_THRESHOLDS = frozenset(["threshold_mau", "threshold_dau", "threshold_revenue_usd"])
_FORBIDDEN_OUTPUTS = frozenset(["forbidden", "no_competing_models", "no_foundational_models"])
# A text with one of these is not an open licence, whatever it is called (the Open Source Definition, 5 and 6, and OpenMDW's peers).
_RESTRICTIVE = frozenset(
    [
        "acceptable_use",
        "field_of_use",
        "use_limits_pass_down",
        "non_commercial",
        "research_only",
        "territory_exclusion",
        "remote_restriction",
        "no_derivatives",
        "no_redistribution",
        "hosting_restricted",
    ]
)
# Shorter than this, a text refers to a licence and is none.
LEAST_TEXT_WORDS = 60
_HEADER_KEYS = ("general.license", "general.license.name", "license", "licence")


def restricts(clause: ClauseFact) -> bool:
    """Whether a clause limits who may use the work, or for what: a text that has it is no open licence."""
    if clause.fact in _THRESHOLDS:
        return clause.effect in ("permission", "ends", "fee")
    if clause.fact == "outputs_train_models":
        return clause.value in _FORBIDDEN_OUTPUTS
    return clause.fact in _RESTRICTIVE


def text_readings(page: Page, place: Place, own: OwnTexts | None = None) -> Iterator[LicenceReading]:
    """The licences that a text holds word for word, or else the one that it is near to, or that it is unknown."""
    clauses = clauses_of(page)
    for words in _ways_to_read(page):
        found = standing_in(words)
        if found and not added(words, found):
            yield from (_exact(page, place, words, one, clauses) for one in found)
            return
    near = nearest(words)
    around = added(words, found)
    if found and (near is None or near.licence in {one.licence for one in found}):
        near = Near(found[0].licence, 0.0, near.spans if near else around, inside=False)
    if near is None:
        yield _unknown(page, place, words, clauses)
    else:
        outside = around if found else near.spans
        more = any(_stands_in(page, words, outside, clause) for clause in clauses)
        yield _near(page, place, words, near._replace(inside=near.inside or more), clauses, own)


def _ways_to_read(page: Page) -> Iterator[Words]:
    yield words_of(page.text)
    if page.path.lower().endswith(".pdf"):
        yield words_of(page.text, pages=True)


def whole_texts(page: Page) -> Iterator[LicenceReading]:
    """The licences whose full text was pasted into another document, from the beginning of a line."""
    words = words_of(page.text)
    breaks = [
        i for i in range(len(words.words)) if i == 0 or "\n" in page.text[words.ends[i - 1] : words.starts[i]]
    ]
    found = standing_in(words, breaks)
    if found:
        clauses = clauses_of(page)
        yield from (_exact(page, "text", words, one, clauses) for one in found)


def flags(identifier: str) -> tuple[bool, bool | None]:
    """Whether OSI approved a licence and whether the FSF calls it free (``None`` where SPDX does not say), by its identifier."""
    listed = known()
    fsf = True if identifier in listed.fsf else False if identifier in listed.not_fsf else None
    return identifier in listed.osi, fsf


def _exact(
    page: Page, place: Place, words: Words, found: Found, clauses: Sequence[ClauseFact]
) -> LicenceReading:
    start, end = words.starts[found.start], words.ends[found.end - 1]
    first, last = page.line_at(start), page.line_at(end)
    osi, fsf = flags(found.licence.id)
    name = found.licence.name
    held = tuple(clause for clause in clauses if first <= clause.line <= last)
    return LicenceReading(
        file=page.path,
        id=found.licence.id,
        name=name,
        match="exact",
        place=place,
        applies_to=(),
        osi=osi,
        fsf=fsf,
        open=_listed_as_open(found.licence, held),
        reason=Text(en=f"The text is {name}, word for word.", ar=f"النصّ هو {name} كلمةً كلمة."),
        clauses=held,
        evidence=(_beginning(page, words, found.start),),
    )


def _listed_as_open(licence: Licence, clauses: Sequence[ClauseFact]) -> bool | None:
    """By the lists; of a licence that is on none and only asks for words to be shown beyond a threshold, it cannot be told."""
    shown = any(clause.fact in _THRESHOLDS and not restricts(clause) for clause in clauses)
    return None if not licence.open and shown and not any(map(restricts, clauses)) else licence.open


def _stands_in(page: Page, words: Words, spans: Sequence[Span], clause: ClauseFact) -> bool:
    """Whether a clause begins in the words that stand around the licences of a text."""
    lines = ((line_of(page.text, words, span.start), line_of(page.text, words, span.end)) for span in spans)
    return any(first <= clause.line <= last for first, last in lines)


def _near(
    page: Page, place: Place, words: Words, near: Near, clauses: Sequence[ClauseFact], own: OwnTexts | None
) -> LicenceReading:
    name = near.licence.name
    text = own.text(near.licence.id) if own else None
    spans = differing(page.text, words, text) if text is not None else ()
    spans = spans or tuple(_span(page, words, span) for span in near.spans)
    places = len(spans)
    return LicenceReading(
        file=page.path,
        id=near.licence.id,
        name=name,
        match="near",
        place=place,
        applies_to=(),
        osi=None,
        fsf=None,
        open=_open(clauses),
        reason=Text(
            en=f"The text is close to {name}, but differs from it in {places} place{'s' * (places != 1)}; what that changes is "
            "for a lawyer to say.",
            ar=f"النصّ قريب من {name} ويختلف عنه (عدد المواضع: {places})؛ وما يغيّره ذلك يقرّره قانونيّ.",
        ),
        clauses=tuple(clauses),
        differs=spans,
        evidence=(_beginning(page, words, 0),),
        clauses_changed=near.inside,
    )


def _span(page: Page, words: Words, span: Span) -> DifferingSpan:
    return DifferingSpan(
        line=line_of(page.text, words, span.start), found=slice_of(page.text, words, span.start, span.end)
    )


def _unknown(page: Page, place: Place, words: Words, clauses: Sequence[ClauseFact]) -> LicenceReading:
    if len(words.words) < LEAST_TEXT_WORDS:
        reason = Text(
            en="The file is too short to hold a licence; what it may refer to is not in it.",
            ar="الملفّ أقصر من أن يضمّ ترخيصًا، وما قد يحيل إليه ليس فيه.",
        )
    else:
        reason = Text(
            en=f"The text is none of the {len(known().licences)} licences that are known, nor close to one.",
            ar=f"النصّ ليس من التراخيص المعروفة ({len(known().licences)}) ولا قريبًا من أحدها.",
        )
    return LicenceReading(
        file=page.path,
        id=None,
        name=_title(page, words),
        match="unknown",
        place=place,
        applies_to=(),
        osi=None,
        fsf=None,
        open=_open(clauses),
        reason=reason,
        clauses=tuple(clauses),
        evidence=(_beginning(page, words, 0),) if words.words else (),
    )


def _open(clauses: Sequence[ClauseFact]) -> bool | None:
    """Of words that are no known licence's: not open where a clause restricts, else it cannot be told."""
    return False if any(map(restricts, clauses)) else None


def _title(page: Page, words: Words) -> str:
    line = page.text[words.starts[0] :].split("\n", 1)[0] if words.words else page.path
    return line.strip(" #*\r\t")[:120] or page.path


def _beginning(page: Page, words: Words, first: int) -> Quote:
    """The first words of a licence, to the end of their line."""
    start = words.starts[first]
    end = page.text.find("\n", start)
    return page.quote(start, len(page.text) if end < 0 else end)


def card_readings(page: Page) -> Iterator[LicenceReading]:
    """What the front matter of a card declares."""
    names = declared_names(page.fields)
    for name in names:
        field = "license" if page.fields.get("license") else "licence"
        if (name,) == names and name == page.fields.get("license_name"):
            field = "license_name"
        yield name_reading(page.path, name, "card", (_field(page, field),))


def _field(page: Page, name: str) -> Quote:
    start = page.text.find(f"{name}:")
    end = page.text.find("\n", start)
    return page.quote(max(start, 0), end if end >= 0 else len(page.text))


def sentence_readings(page: Page) -> Iterator[tuple[tuple[Kind, ...], LicenceReading]]:
    """What sentences of a card or notice name, with the kinds of component that they speak of."""
    said: set[tuple[object, ...]] = set()
    for named in names_in(page):
        key = (tuple(licence.id for licence in named.licences), named.facts, named.kinds)
        if key not in said:
            said.add(key)
            yield named.kinds, _of_sentence(page, named)


def _of_sentence(page: Page, named: Named) -> LicenceReading:
    reading = _named(page.path, named.name, named.licences, "card", (named.quote,), named.kinds)
    if not named.facts:
        return reading
    quote = named.quote
    return msgspec.structs.replace(
        reading,
        open=False,
        reason=Text(
            en="The sentence itself limits what the work may be used for.",
            ar="تقيّد الجملة نفسها ما يُستعمل فيه العمل.",
        ),
        clauses=tuple(
            ClauseFact(
                fact=fact,
                value=True,
                quote=quote.quote,
                file=quote.file,
                line=quote.line,
                digest=quote.digest,
            )
            for fact in named.facts
        ),
    )


def header_readings(inspection: FileInspection) -> Iterator[LicenceReading]:
    """What the header of a weights file says of its licence."""
    digest = f"sha256:{inspection.sha256}" if inspection.sha256 else None
    for key in _HEADER_KEYS:
        value = inspection.metadata.get(key, "").strip()
        if not value or (value == "other" and "general.license.name" in inspection.metadata):
            continue
        quote = Quote(file=inspection.path, line=0, quote=f"{key} = {value}"[:400], digest=digest)
        yield name_reading(inspection.path, value[:200], "header", (quote,))
        return


def name_reading(
    file: str, name: str, place: Literal["card", "header"], evidence: tuple[Quote, ...]
) -> LicenceReading:
    """A licence that is named, not given: the one it means, or why that cannot be told."""
    return _named(file, name, meant(name), place, evidence, ())


def _named(
    file: str,
    name: str,
    licences: Sequence[Licence],
    place: Literal["card", "header"],
    evidence: tuple[Quote, ...],
    kinds: tuple[Kind, ...],
) -> LicenceReading:
    one = licences[0] if len(licences) == 1 else None
    either = {flags(licence.id) for licence in licences}
    osi, fsf = either.pop() if len(either) == 1 else (None, None)
    opens = {licence.open for licence in licences}
    return LicenceReading(
        file=file,
        id=one.id if one else None,
        name=one.name if one else name,
        match="exact" if one else "unknown",
        place=place,
        applies_to=kinds,
        osi=osi,
        fsf=fsf,
        open=opens.pop() if len(opens) == 1 else None,
        reason=_says(name, licences),
        evidence=evidence,
    )


def _says(name: str, licences: Sequence[Licence]) -> Text:
    names = [licence.name for licence in licences]
    if not names:
        return Text(en=f"“{name}” names no licence that is known.", ar=f"«{name}» لا يسمّي ترخيصًا معروفًا.")
    if len(names) > 1:
        return Text(
            en=f"“{name}” is a family: it may mean {' or '.join(names)}.",
            ar=f"«{name}» اسم عائلة من التراخيص، وقد يعني {' أو '.join(names)}.",
        )
    return Text(en=f"“{name}” names {names[0]}.", ar=f"«{name}» يسمّي {names[0]}.")
