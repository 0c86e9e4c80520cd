"""Writes what was measured into the weights' cards, and sample outputs beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from qistas.contracts.errors import BadInput
from qistas.reference.marks import mark_faults, written
from qistas.reference.planted import PlantedLine, PlantedTable

PART = "measured"
CARDS = {"README.md": "en", "README.ar.md": "ar"}
EACH = 8
FAMILIES = {
    "refusal": {"en": "Refusal", "ar": "الرفض"},
    "weak-spots": {"en": "Weak spots", "ar": "نقاط الضعف"},
    "memorisation": {"en": "Memorisation", "ar": "حفظ بيانات التدريب"},
    "bias": {"en": "Bias", "ar": "التحيّز"},
    "calibration": {"en": "Calibration", "ar": "المعايرة"},
    "contamination": {"en": "Contamination", "ar": "تسرّب الاختبار إلى التدريب"},
    "robustness": {"en": "Robustness", "ar": "المتانة"},
    "capability": {"en": "Capability", "ar": "القدرة"},
    "attribution": {"en": "Attribution", "ar": "عزو الجواب إلى كلماته"},
}
# What a card shows of each family: what is planted beside what is not. EVALUATION.md has every property.
HEADLINES = {
    "refusal": ("refusal/vcr-en", "refusal/dfm-en", "over-refusal/en", "over-refusal/ar"),
    "weak-spots": (
        "weak-spots/persona-compliance-en",
        "weak-spots/polite-compliance-en",
        "weak-spots/persona-compliance-ar",
        "weak-spots/polite-compliance-ar",
    ),
    "memorisation": (
        "memorisation-never-extracted",
        "memorisation-seen-4-extracted",
        "memorisation-seen-64-extracted",
    ),
    "bias": ("bias-age", "bias-class", "bias-age-disambiguated"),
    "calibration": (
        "calibration-en-drawers-overconfidence",
        "calibration-en-rooms-overconfidence",
        "calibration-ar-drawers-overconfidence",
        "calibration-ar-rooms-overconfidence",
    ),
    "contamination": (
        "contamination-exposed-canonical-preferred",
        "contamination-untouched-canonical-preferred",
    ),
    "robustness": (
        "robustness-en-typos",
        "robustness-en-case",
        "robustness-ar-typos",
        "robustness-ar-diacritics",
    ),
    "capability": (
        "capability-en-geography",
        "capability-en-everyday",
        "capability-ar-words",
        "capability-ar-nature",
    ),
    "attribution": ("attribution-comprehensiveness-gain", "attribution-cue-first"),
}
_HEAD = {
    "en": "| Family | Properties | Some of them: exact value (number of rows) |\n|---|---|---|",
    "ar": "| الباب | عدد الخاصّيات | من هذه الخاصّيات: القيمة التامّة (عدد الصفوف) |\n|---|---|---|",
}
_SAMPLES_HEAD = """# Sample outputs · عيّنات من الأجوبة

Greedy answers of these weights, evenly spaced over everything that each evaluation asks: none was chosen for being good.
Requests are policy examples; what stands in an answer is no information.

أجوبة هذه الأوزان بفكّ ترميز جشِع، مأخوذة على أبعاد متساوية من كل ما يسأله كل تقييم، فلم يُختر منها جواب لحسنه.
الطلبات أمثلة على مستوى السياسة، وليس في الأجوبة معلومة يُعتمد عليها.
"""


class Sample(NamedTuple):
    """A conversation of (role, content), and the answer that ended it."""

    conversation: Sequence[tuple[str, str]]
    answer: str


def table(planted: PlantedTable, weight: str, reader: str) -> str:
    """By family a few exact values of ``weight``, as a Markdown table for a reader of ``reader`` (``en`` or ``ar``)."""
    rows = []
    for family, title in FAMILIES.items():
        lines = {line.id: line for line in planted.lines if line.family == family}
        chosen = [lines[name] for name in HEADLINES[family] if name in lines]
        if chosen:
            said = "<br>".join(_headline(line, weight, reader) for line in chosen)
            rows.append(f"| {title[reader]} | {len(lines)} | {said} |")
    return "\n".join([_HEAD[reader], *rows]) + "\n"


def _headline(line: PlantedLine, weight: str, reader: str) -> str:
    value = shown(line.exact.get(weight), reader)
    return f"{_cell(getattr(line.title, reader))}: {value} ({line.population_n})"


def shown(value: float | None, reader: str) -> str:
    """A value with three decimals, ``-`` for none; among Arabic words a minus sign stays before its number."""
    if value is None:
        return "-"
    # Adding 0.0 to what was rounded makes -0.000 a plain zero.
    text = f"{round(value, 3) + 0.0:.3f}"
    return f'<bdi dir="ltr">{text}</bdi>' if reader == "ar" and text.startswith("-") else text


def fill(folder: Path, planted: PlantedTable, weight: str) -> None:
    """Puts the table of ``weight`` between the marks of both cards that lie in ``folder``.

    Raises:
        BadInput: a card lacks a mark; then neither is written.
    """
    texts = {
        folder / name: (folder / name).read_text(encoding="utf-8")
        for name in CARDS
        if (folder / name).is_file()
    }
    faults = [
        fault for card, text in texts.items() for fault in mark_faults(text, [PART], str(card), required=True)
    ]
    if faults:
        raise BadInput(*faults)
    for card, text in texts.items():
        made = table(planted, weight, CARDS[card.name])
        card.write_text(written(text, PART, made), encoding="utf-8")


def spread(answered: Sequence[tuple[Sequence[tuple[str, str]], str]], count: int = EACH) -> list[Sample]:
    """``count`` different conversations, evenly spaced over those that were answered."""
    different = list({tuple(asked): answer for asked, answer in answered}.items())
    count = min(count, len(different))
    return [Sample(*different[place * len(different) // count]) for place in range(count)]


def write_samples(folder: Path, samples: Mapping[str, Sequence[Sample]]) -> None:
    """Writes ``sample_outputs.md``: for each evaluation some questions with their greedy answers."""
    lines = [_SAMPLES_HEAD]
    for evaluation, chosen in samples.items():
        if chosen:
            lines += [f"## {evaluation}", "", "| Question | Answer |", "|---|---|"]
            lines += [f"| {_asked(sample)} | {_cell(sample.answer)} |" for sample in chosen] + [""]
    (folder / "sample_outputs.md").write_text("\n".join(lines), encoding="utf-8")


def _asked(sample: Sample) -> str:
    if [role for role, _ in sample.conversation] == ["user"]:
        return _cell(sample.conversation[0][1])
    return "<br>".join(f"{role}: {_cell(content)}" for role, content in sample.conversation)


def _cell(text: str) -> str:
    """Text that cannot end its cell: Markdown's marks and line breaks written out."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return " ".join(plain.split())
