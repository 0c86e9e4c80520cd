"""What stands in the comparison of releases on openness: columns, cells with their order, and one sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import (
    LEVELS,
    Assessment,
    Judgement,
    LicenceReading,
    MofProjection,
    Severity,
    SupplyFinding,
)
from qistas.report.openness_chrome import CHROME
from qistas.report.openness_costs import standing
from qistas.report.openness_dimensions import is_judged, judged_first, title
from qistas.report.openness_words import AREAS, SHAPES, VALUES, WORDS
from qistas.report.visible import visible

ROMAN = {3: "III", 2: "II", 1: "I"}
# How a value is coloured; word and shape say it as well. What is not here is quiet.
TONES = {
    **dict.fromkeys(("open", "not_blocked", "disclosed", "ok", "present", "exact"), "good"),
    **dict.fromkeys(("partial", "partly", "warning", "linked", "near"), "some"),
    **dict.fromkeys(("closed", "blocked", "danger", "absent", "withheld"), "bad"),
}
# Higher stands first when a column is sorted; what is not here is undetermined and always last.
_ORDER = {
    "open": 2, "partial": 1, "closed": 0, "not_blocked": 1, "blocked": 0, "disclosed": 2, "partly": 1, "undisclosed": 0,
    "ok": 3, "note": 2, "warning": 1, "danger": 0,
}  # fmt: skip
_WORST_FIRST: tuple[Severity, ...] = ("danger", "warning", "unread", "note", "ok")
_LICENCE_PREFIXES = ("LicenseRef-scancode-", "LicenseRef-")
_MOST_NAME_CHARACTERS = 40
_OPEN = {True: "open", False: "closed", None: "undetermined"}


class Column(NamedTuple):
    """A column of the comparison. ``id``: its area and dimension, ``eu-modelcard``; ``group``: what it stands under.

    ``judged``: whether text in a repository can settle it; the others stand last, and folded.
    """

    id: str
    title: Text
    group: Text
    judged: bool = True


class Cell(NamedTuple):
    """One value. ``key``: what it is sorted by, empty if last; ``detail``: a figure or name behind the word; ``target``: the entry."""

    value: str
    label: Text
    key: str
    target: str
    detail: str = ""

    @property
    def tone(self) -> str:
        """Its colour's name."""
        return TONES.get(self.value, "quiet")

    @property
    def shape(self) -> str:
        """Its sign, which survives without colour."""
        return SHAPES.get(self.value, "·")


class Row(NamedTuple):
    """A release in the comparison."""

    number: int
    name: str
    sentence: Text
    cells: tuple[Cell | None, ...]
    made: Assessment


def safe(made: Assessment) -> Assessment:
    """The same with every hidden or reordering character of every text written out."""
    return msgspec.convert(_walk(msgspec.to_builtins(made)), Assessment)


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {key: _walk(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(one) for one in value]
    return value


def columns(made: Sequence[Assessment]) -> tuple[Column, ...]:
    """The columns that these releases fill, in the order of their ladders; what is never judged from repository text comes last."""
    glance = CHROME["summary_columns"]
    found = [Column(name, CHROME[name], glance) for name in ("licence", "mof", "osaid")]
    for area, dimensions in (("eu", "projections.eu"), ("concentration", "concentration")):
        names: dict[str, None] = {}
        for one in made:
            names |= dict.fromkeys(_judgements(one, dimensions))
        found += [_column(area, name) for name in names]
    rest = Text("Costs and files", "الكلفة والملفّات")
    found += [Column(name, CHROME[name], rest) for name in ("cost", "supply_chain", "contradictions")]
    return tuple(sorted(found, key=lambda column: not column.judged))


def _column(area: str, name: str) -> Column:
    judged = is_judged(area, name)
    group = AREAS[area] if judged else WORDS["not_judged"]
    return Column(f"{area}-{name}", title(area, name), group, judged)


def rows(made: Sequence[Assessment]) -> tuple[Row, ...]:
    """A row for each release, in the order given."""
    shown, names = columns(made), _names(made)
    return tuple(
        Row(number, name, sentence(one), tuple(_cell(one, column.id, number) for column in shown), one)
        for number, (name, one) in enumerate(zip(names, made, strict=True), 1)
    )


def _judgements(made: Assessment, dimensions: str) -> Mapping[str, Judgement]:
    return made.projections.eu if dimensions == "projections.eu" else made.concentration


def _names(made: Sequence[Assessment]) -> list[str]:
    """The last part of where each release was found; the whole where that would be said twice."""
    sources = [str(one.release["source"]) for one in made]
    short = [
        source if source.startswith("hf:") else PurePosixPath(source.rstrip("/")).name or source
        for source in sources
    ]
    count = Counter(short)
    return [name if count[name] == 1 else source for name, source in zip(short, sources, strict=True)]


def _cell(made: Assessment, column: str, number: int) -> Cell | None:
    area, _, name = column.partition("-")
    target = f"r{number}-{column}"
    if name:
        judged = (made.projections.eu if area == "eu" else made.concentration).get(name)
        return None if judged is None else _valued(judged.value, target)
    match area:
        case "licence":
            return _licence_cell(made, target)
        case "mof":
            return _mof_cell(made.projections.mof, target)
        case "osaid":
            return _valued(made.projections.osaid.verdict, target)
        case "cost":
            return _cost_cell(made, target)
        case "supply_chain":
            return _supply_cell(made.supply_chain, target)
    count = len(made.contradictions)
    label = Text(f"{count} found", f"عددها {count}") if count else CHROME["nothing"]
    return Cell("warning" if count else "note", label, str(count), target)


def _valued(value: str, target: str, detail: str = "") -> Cell:
    order = _ORDER.get(value)
    return Cell(
        value, VALUES.get(value, Text(value, value)), "" if order is None else str(order), target, detail
    )


def _licence_cell(made: Assessment, target: str) -> Cell:
    reading = main_licence(made.licences)
    if reading is None:
        return Cell("undetermined", CHROME["nothing"], "", target)
    if _may_be_of_code_only(made, reading):
        return _valued("undetermined", target, licence_name(reading))
    cell = _valued(_OPEN[reading.open], target, licence_name(reading))
    return cell._replace(label=CHROME["not_open"]) if reading.open is False else cell


def _may_be_of_code_only(made: Assessment, reading: LicenceReading) -> bool:
    """Whether an open licence is there, and no document says that the weights are under it."""
    judged = made.projections.eu.get("licenses")
    return reading.open is True and judged is not None and judged.value == "undetermined"


def _mof_cell(mof: MofProjection, target: str) -> Cell:
    """Class I is the highest; the progress is that of the next class."""
    following = mof.class_ - 1 if mof.class_ else 3
    progress = mof.progress.get(str(following), 0)
    rank = (4 - mof.class_ if mof.class_ else 0) * 1000 + progress
    numeral = ROMAN.get(mof.class_)
    label = Text(f"class {numeral}", f"الفئة {numeral}") if numeral else Text("no class", "لا فئة")
    detail = f"{ROMAN[following]} {progress}%" if following else ""
    value = "open" if mof.class_ == 1 else "partial" if mof.class_ else "note"
    return Cell(value, label, str(rank), target, detail)


def _cost_cell(made: Assessment, target: str) -> Cell:
    costs = made.training_cost.values()
    kinds = Counter(standing(cost) for cost in costs)
    stated = kinds["stated"]
    if not stated:
        unread = kinds["unread"] > 0
        return Cell("unread", VALUES["unread" if unread else "undisclosed"], "" if unread else "0", target)
    label = Text(f"{stated} of {len(costs)}", f"{stated} من {len(costs)}")
    return Cell("partly" if stated < len(costs) else "disclosed", label, str(stated), target)


def _supply_cell(found: Sequence[SupplyFinding], target: str) -> Cell:
    counts = Counter(one.severity for one in found)
    worst = next((severity for severity in _WORST_FIRST if counts[severity]), None)
    if worst is None:
        return Cell("unread", CHROME["none_inspected"], "", target)
    return _valued(worst, target, "" if worst == "ok" else f"× {counts[worst]}")


def main_licence(readings: Sequence[LicenceReading]) -> LicenceReading | None:
    """The licence of the weights: by its text rather than by what is said of it, known rather than unknown; else the first."""
    ranked = sorted(
        readings, key=lambda one: ("weights" not in one.applies_to, one.id is None, one.place != "text")
    )
    return ranked[0] if ranked else None


def licence_name(reading: LicenceReading) -> str:
    """Its SPDX id, a ``LicenseRef`` without what says only that; where none is known the name given, or its file if that is no short name."""
    if reading.id is None:
        short = reading.place != "text" and len(reading.name) <= _MOST_NAME_CHARACTERS
        return reading.name if short else reading.file
    name = reading.id
    for prefix in _LICENCE_PREFIXES:
        name = name.removeprefix(prefix)
    return name


def sentence(made: Assessment) -> Text:
    """The release in a few plain words."""
    parts = tuple(_parts(made))
    return Text(" ".join(part.en for part in parts), " ".join(part.ar for part in parts))


def _parts(made: Assessment) -> Iterator[Text]:
    yield _licence_part(made)
    yield _mof_part(made.projections.mof)
    yield _OSAID[made.projections.osaid.verdict]
    yield _index_part(made)
    found = Counter(one.severity for one in made.supply_chain)
    if found["danger"]:
        yield Text(f"Dangers in its files: {found['danger']}.", f"أخطار في ملفّاته: {found['danger']}.")
    if found["warning"]:
        yield Text(
            f"Warnings about its files: {found['warning']}.", f"تحذيرات بشأن ملفّاته: {found['warning']}."
        )
    if made.contradictions:
        count = len(made.contradictions)
        yield Text(f"Contradictions in its documents: {count}.", f"تناقضات في وثائقه: {count}.")


def _index_part(made: Assessment) -> Text:
    """How the dimensions that can be judged from repository text stand, and how many others there are."""
    judged, others = judged_first("eu", made.projections.eu)
    counts = Counter(one.value for one in judged.values())
    order = [name for name in LEVELS if counts[name]]
    left = Text("", "")
    if others:
        left = Text(
            f" (and {len(others)} not judged from repository text)",
            f" (و{len(others)} لا يُحكم فيها من نصوص المستودع)",
        )
    return Text(
        f"European index: {', '.join(f'{counts[name]} {VALUES[name].en}' for name in order)}{left.en}.",
        f"المؤشّر الأوروبي: {'، '.join(f'{VALUES[name].ar} {counts[name]}' for name in order)}{left.ar}.",
    )


_OSAID = {
    "blocked": Text(
        "Something in it blocks the Open Source AI Definition 1.0.",
        "وفيه ما يمنع انطباق تعريف الذكاء الاصطناعي مفتوح المصدر 1.0 عليه.",
    ),
    "not_blocked": Text(
        "Nothing that was read blocks the Open Source AI Definition 1.0.",
        "ولم يُعثر فيما قُرئ على ما يمنع انطباق تعريف الذكاء الاصطناعي مفتوح المصدر 1.0 عليه.",
    ),
    "undetermined": Text(
        "Whether anything blocks the Open Source AI Definition 1.0 is undetermined.",
        "ولم يُحسم هل فيه ما يمنع انطباق تعريف الذكاء الاصطناعي مفتوح المصدر 1.0 عليه.",
    ),
}


def _licence_part(made: Assessment) -> Text:
    reading = main_licence(made.licences)
    if reading is None:
        return Text("No licence was found.", "لم يُعثر على ترخيص.")
    name = licence_name(reading)
    if _may_be_of_code_only(made, reading):
        return Text(
            f"It holds an open licence ({name}); whether the weights are under it is undetermined.",
            f"فيه ترخيص مفتوح ({name})، ولم يُحسم هل يشمل الأوزان.",
        )
    whose = (
        ("of the weights", "الأوزان") if "weights" in reading.applies_to else ("that was found", "الموجود")
    )
    subject = Text(
        f"The licence {whose[0]} ({name})",
        f"ترخيص {whose[1]} ({name})" if "weights" in reading.applies_to else f"الترخيص {whose[1]} ({name})",
    )
    if reading.open is None:
        return Text(
            f"{subject.en} could not be told to be open or not.", f"{subject.ar}: لم يُعرف أمفتوح هو أم لا."
        )
    if reading.open:
        return Text(f"{subject.en} is an open licence.", f"{subject.ar}: ترخيص مفتوح.")
    return Text(f"{subject.en} is not an open licence.", f"{subject.ar}: ليس ترخيصًا مفتوحًا.")


def _mof_part(mof: MofProjection) -> Text:
    if numeral := ROMAN.get(mof.class_):
        return Text(
            f"It reaches class {numeral} of the Model Openness Framework.",
            f"ويبلغ الإصدار الفئة {numeral} من إطار انفتاح النماذج.",
        )
    progress = mof.progress.get("3", 0)
    return Text(
        f"It reaches no class of the Model Openness Framework ({progress}% of class III is there).",
        f"ولا يبلغ الإصدار أيّ فئة من إطار انفتاح النماذج (المتحقّق {progress}% من الفئة III).",
    )


def digests(made: Assessment) -> list[tuple[str, str]]:
    """File and digest of everything that is quoted, each once, by file."""
    found = {(one["file"], one["digest"]) for one in _quoted(msgspec.to_builtins(made)) if one.get("digest")}
    return sorted(found)


def _quoted(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every quote and clause somewhere in ``value``: what names a file and a line."""
    if isinstance(value, Mapping):
        if "file" in value and "line" in value:
            yield value
        value = value.values()
    if not isinstance(value, str | int | float | None):
        for one in value:
            yield from _quoted(one)
