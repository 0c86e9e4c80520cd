"""Which licences a release is under: read from its texts, policies, cards and headers, each with what it covers and says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from posixpath import dirname

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import ClauseFact, LicenceReading, Quote
from qistas.evaluations.openness.carried import is_carried
from qistas.evaluations.openness.licence_coverage import covering, of_path, of_weights
from qistas.evaluations.openness.licence_names import Kind
from qistas.evaluations.openness.licence_own_texts import OwnTexts
from qistas.evaluations.openness.licence_readings import (
    card_readings,
    header_readings,
    sentence_readings,
    text_readings,
    whole_texts,
)
from qistas.evaluations.openness.licence_statements import stated_licences
from qistas.evaluations.openness.record import Page, ReleaseRecord

_LICENCE_FILE = re.compile(
    r"(?:^|/)(?:[^/]{0,80}[._ -])?(?:licen[cs]es?|copying|unlicense|eula|terms[-_ ]of[-_ ](?:use|service))(?:[._ -][^/]{0,80})?$"
    r"|(?:^|/)licen[cs]es/[^/]{1,80}\.(?:txt|md|pdf)$",
    re.IGNORECASE,
)
_POLICY_FILE = re.compile(
    r"(?:^|/)[^/]{0,80}(?:(?:acceptable|prohibited|permitted|responsible)[-_ ]?use|use[-_ ]?polic|usage[-_ ]?polic|use[-_ ]?restrictions)"
    r"[^/]{0,60}$|(?:^|/)aup(?:\.\w{1,5})?$",
    re.IGNORECASE,
)
_POLICY_TITLE = re.compile(r"\b(?:acceptable|prohibited)[- ]use policy\b|\buse policy\b", re.IGNORECASE)
_NEVER = re.compile(
    r"\.(?:png|jpe?g|svg|gif|py|pyi|js|ts|c|h|cpp|json|ya?ml|toml|csv|html?|ipynb|sh|xml)$",
    re.IGNORECASE,
)
# What is put at the top of source files, or checks or explains licences, is none.
_ABOUT_LICENCES = re.compile(
    r"licen[cs]es?[._ -]{0,2}(?:file[._ -]?)?(?:headers?|templates?|boilerplates?|snippets?|stubs?|check(?:er|s|ing)?|lint|faqs?|guide(?:lines)?"
    r"|reports?|scan|compatibility|badge|urls?|list|policy|changelog)(?:[._ -][^/]{0,40})?$"
    r"|(?:^|/)(?:headers?|templates?|boilerplates?|snippets?|stubs?)(?:/|[._ -](?:of[._ -])?)(?:[^/]{0,40}[._ -])?licen[cs]e[^/]{0,40}$"
    r"|(?:^|/)(?:check|add|update|verify|scan|insert)[._ -]licen[cs]e[^/]{0,40}$"
    r"|(?:^|/)licen[cs]es/(?:readme|index)[^/]{0,20}$",
    re.IGNORECASE,
)
_CARD_FILE = re.compile(
    r"(?:^|/)(?:readme|[^/]{0,60}(?:model|data|dataset)[-_ ]?cards?|[^/]{0,60}data[-_ ]?sheets?|[^/]{0,30}readme)[^/]{0,60}\.(?:md|txt|rst)$",
    re.IGNORECASE,
)
_NOTICE_FILE = re.compile(r"(?:^|/)notices?(?:\.(?:txt|md))?$", re.IGNORECASE)
_PASTED = re.compile(
    r"permission is hereby granted|redistribution and use in source|terms and conditions for use|public licen[cs]e",
    re.IGNORECASE,
)
_OWN_POLICY = re.compile(
    r"^[^\n]{0,60}\b(?:acceptable|prohibited) use policy[^\w\n]{0,6}$|^[^\w\n]{0,6}\d[\d.]{0,6}\s{1,5}(?:acceptable|prohibited) use policy\b",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(
    r"https?://[^\s/]{1,100}/[^\s]{1,200}/(?:blob|raw|tree|resolve)/[^\s/]{1,80}/(?P<path>[^\s?#]{1,200})"
)
_DATA_FIELDS = ("dataset_info", "task_categories", "size_categories", "annotations_creators")
_WEIGHTS_SAID = re.compile(
    r"\b(?:trained model |model |learnt |learned )?weights\b|\bcheckpoints?\b", re.IGNORECASE
)
_CODE_SAID = re.compile(
    r"\bmodel code\b|\bsource code\b|\binference(?:-enabling)? code\b|\bsoftware\b|\bcomputer program\b",
    re.IGNORECASE,
)
_CODE_LEFT_OUT = re.compile(r"\bsource code is not licensed\b", re.IGNORECASE)
_DATA_LICENCE = re.compile(r"^(?:CDLA-|C-UDA|O-UDA|ODbL|PDDL|ODC-)")
_DEFINITIONS_CHARACTERS = 12_000
_MOST_CARDS = 60
_LEAST_POLICY_CHARACTERS = 300


def read_licences(record: ReleaseRecord, own: OwnTexts | None = None) -> tuple[LicenceReading, ...]:
    """Every licence that a release gives or names, in this order: texts, policies, cards, headers, missing policies.

    A pure function of the listing while ``own`` is ``None``; with the licences' own texts, the spans in which a near match differs
    say what stands there in the licence. What a file name or a wording narrows (``DATA_LICENSE``, "the code is licensed under …") is covered by that licence;
    the others cover the kinds that remain.
    """
    texts = tuple(_texts(record, own))
    policies = tuple(_policies(record, own))
    said = tuple(_sentences(record))
    joined = tuple(_joined(reading, policies) for reading in texts)
    cards = tuple(_cards(record))
    headers = tuple(
        msgspec.structs.replace(reading, applies_to=("weights",))
        for inspection in record.inspections
        for reading in header_readings(inspection)
    )
    told = (
        *((kinds, reading.id) for kinds, reading in said),
        *(
            (tuple(one.kinds), one.licence)
            for one in stated_licences(record)
            if not is_carried(one.quote.file)
        ),
    )
    covered = tuple(covering(record, joined, told))
    return (
        *covered,
        *policies,
        *covering(record, tuple(of_weights(card, covered) for card in cards), told),
        *(reading for _, reading in said),
        *headers,
        *_missing(record, texts, policies),
    )


def _texts(record: ReleaseRecord, own: OwnTexts | None) -> Iterator[LicenceReading]:
    for page in record.pages.values():
        if _is_policy(page):
            continue
        if _names_licence(page.path):
            named = of_path(page.path)
            for reading in text_readings(page, "text", own):
                kinds = () if is_carried(page.path) else named or _of_wording(page, reading)
                yield msgspec.structs.replace(reading, applies_to=kinds)
        elif _CARD_FILE.search(page.path) and _PASTED.search(page.text):
            yield from whole_texts(page)
    for file in record.files:
        if file.path not in record.pages and _names_licence(file.path) and not is_carried(file.path):
            yield _unread(file.path, record)


def _names_licence(path: str) -> bool:
    about = _NEVER.search(path) or _ABOUT_LICENCES.search(path)
    return _LICENCE_FILE.search(path) is not None and about is None


def _is_policy(page: Page) -> bool:
    if _NEVER.search(page.path):
        return False
    if _POLICY_FILE.search(page.path):
        return True
    return page.path in page_origins(page) and _POLICY_TITLE.search(page.text[:400]) is not None


def page_origins(page: Page) -> frozenset[str]:
    """The path of a document that was fetched from where a licence says it stands; empty for one of the release itself."""
    return frozenset([page.path]) if page.quote(0, 0).origin else frozenset()


def _policies(record: ReleaseRecord, own: OwnTexts | None) -> Iterator[LicenceReading]:
    for page in record.pages.values():
        if _is_policy(page):
            yield from text_readings(page, "policy", own)


def _unread(path: str, record: ReleaseRecord) -> LicenceReading:
    evidence = tuple(record.of_file(file) for file in record.files if file.path == path)
    return LicenceReading(
        file=path,
        id=None,
        name=path,
        match="unknown",
        place="text",
        applies_to=of_path(path),
        osi=None,
        fsf=None,
        open=None,
        reason=Text(
            en="The file is there, but its text is not at hand.", ar="الملفّ موجود، لكنّ نصّه ليس في المتناول."
        ),
        evidence=evidence,
    )


def _of_wording(page: Page, reading: LicenceReading) -> tuple[Kind, ...]:
    """What a licence made for models says that it covers; nothing for a licence that may cover anything."""
    if reading.id and _DATA_LICENCE.match(reading.id):
        return ("data",)
    if reading.id and not reading.id.startswith("LicenseRef-"):
        return ()
    text = page.text[:_DEFINITIONS_CHARACTERS]
    if not _WEIGHTS_SAID.search(text):
        return ()
    code = _CODE_SAID.search(text) is not None and not _CODE_LEFT_OUT.search(text)
    return ("code", "weights") if code else ("weights",)


def _cards(record: ReleaseRecord) -> Iterator[LicenceReading]:
    pages = [page for page in record.pages.values() if page.path.lower().endswith((".md", ".markdown"))]
    for page in [page for page in pages if page.text.lstrip().startswith("---")][:_MOST_CARDS]:
        of_data = any(field in page.fields for field in _DATA_FIELDS)
        for reading in card_readings(page):
            yield msgspec.structs.replace(reading, applies_to=("data",)) if of_data else reading


def _sentences(record: ReleaseRecord) -> Iterator[tuple[tuple[Kind, ...], LicenceReading]]:
    pages = [
        page
        for page in record.pages.values()
        if (_CARD_FILE.search(page.path) or _NOTICE_FILE.search(page.path)) and not is_carried(page.path)
    ]
    # Cards near the top speak of the whole release.
    for page in sorted(pages, key=lambda page: (page.path.count("/"), page.path))[:_MOST_CARDS]:
        for kinds, reading in sentence_readings(page):
            if not _is_here(record, reading.name):
                yield kinds, reading


def _is_here(record: ReleaseRecord, name: str) -> bool:
    """Whether a name is the address of a file of the release itself, whose text says more."""
    address = _ADDRESS.match(name)
    return address is not None and any(file.path == address["path"] for file in record.files)


def _joined(reading: LicenceReading, policies: Sequence[LicenceReading]) -> LicenceReading:
    """A licence with the clauses of the policy that it makes part of itself, where that is at hand."""
    if reading.place != "text" or not _refers(reading):
        return reading
    policy = _nearest(reading.file, policies)
    if policy is None:
        return reading
    have = {(clause.fact, clause.value) for clause in reading.clauses}
    more = tuple(clause for clause in policy.clauses if (clause.fact, clause.value) not in have)
    return msgspec.structs.replace(reading, clauses=(*reading.clauses, *more))


def _refers(reading: LicenceReading) -> ClauseFact | None:
    return next((clause for clause in reading.clauses if clause.fact == "acceptable_use"), None)


def _nearest(file: str, policies: Iterable[LicenceReading]) -> LicenceReading | None:
    """The policy that stands nearest: the same folder, one inside it, one around it; one beside it is another's."""
    at = dirname(file)

    def away(policy: LicenceReading) -> int | None:
        there = dirname(policy.file)
        if policy.evidence and policy.evidence[0].origin:
            return 1
        if there == at:
            return 0
        inside = not at or there.startswith(f"{at}/")
        around = not there or at.startswith(f"{there}/")
        return 1 + abs(there.count("/") - at.count("/")) if inside or around else None

    held = [policy for policy in policies if policy.match != "unknown" or policy.clauses]
    found = [(distance, policy.file, policy) for policy in held if (distance := away(policy)) is not None]
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def _missing(
    record: ReleaseRecord, texts: Sequence[LicenceReading], policies: Sequence[LicenceReading]
) -> Iterator[LicenceReading]:
    """The policies that a licence makes part of itself and that are not in the release."""
    for reading in texts:
        clause = _refers(reading)
        if clause is None or reading.place != "text" or _nearest(reading.file, policies):
            continue
        page = record.pages[reading.file]
        own = _OWN_POLICY.search(page.text)
        if own and len(page.text) - own.start() > _LEAST_POLICY_CHARACTERS:
            continue
        yield LicenceReading(
            file=reading.file,
            id=None,
            name="policy incorporated by reference",
            match="unknown",
            place="policy",
            applies_to=reading.applies_to,
            osi=None,
            fsf=None,
            open=None,
            reason=Text(
                en="A policy is referred to and not in the release; what it forbids is not known here.",
                ar="يحيل الترخيص إلى سياسة ليست في الإصدار، فلا يُعرف هنا ما تمنعه.",
            ),
            evidence=(Quote(file=clause.file, line=clause.line, quote=clause.quote, digest=clause.digest),),
        )
