"""What Qistas knows by name or digest, and whether documents are in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from qistas.api.weighing import known_cards
from qistas.contracts.canonical import digest
from qistas.contracts.documents import EvaluationCard, Language, Standard
from qistas.contracts.errors import BadInput, Fault, InvalidDocument, UnknownName
from qistas.ledger.reader import LedgerReader
from qistas.wiring import JUDGES, judge_for

_TARGETS = {
    "sanja": ("the bundled model", "النموذج المرفق"),
    "sanja-control": (
        "the bundled model without planted properties",
        "النموذج المرفق الخالي من الخواصّ المزروعة",
    ),
    "FOLDER": ("a folder with a transformers model", "مجلّد فيه نموذج transformers"),
    "hf:org/name[@revision]": ("a model on a Hugging Face hub", "نموذج على منصّة Hugging Face"),
    "openai:http://host:port/v1#model": ("an OpenAI-compatible server", "خادم متوافق مع واجهة OpenAI"),
    "python:package.module:callable": ("a Python callable", "دالّة Python"),
}


_LANGUAGES = {"en": ("English", "الإنجليزية"), "ar": ("Arabic", "العربية")}
_WORDS = {
    "en": {True: "calibrated in {}", False: "not calibrated in {}"},
    "ar": {True: "معايَر في {}", False: "غير معايَر في {}"},
}


def index() -> dict[str, list[dict[str, str]]]:
    """What Qistas knows by name, out of the documents themselves: ``name``, ``en`` and ``ar`` of each entry.

    ``tools/write_index.py`` writes it to the file that ``qistas.api.index`` reads.
    """
    from qistas.standards.registry import load_standard, standard_names

    cards = known_cards()
    documents: dict[str, Iterable[Standard | EvaluationCard]] = {
        "standards": [load_standard(name, cards) for name in standard_names()],
        "evaluations": cards.values(),
    }
    found = {
        kind: [
            {"name": d.id, "en": f"{d.version}  {d.title.en}", "ar": f"{d.version}  {d.title.ar}"}
            for d in those
        ]
        for kind, those in documents.items()
    }
    found["judges"] = [
        {"name": name, "en": _calibration_line(name, "en"), "ar": _calibration_line(name, "ar")}
        for name in JUDGES
    ]
    found["targets"] = [{"name": name, "en": en, "ar": ar} for name, (en, ar) in _TARGETS.items()]
    return found


def _calibration_line(name: str, lang: Language) -> str:
    card = judge_for(name).card
    arabic = lang == "ar"
    reason = card.calibration_reason or ""
    if card.calibration:
        known = card.calibration.get("languages") or {}
        said = ("، " if arabic else ", ").join(
            _WORDS[lang][bool(known.get(language))].format(_LANGUAGES[language][arabic])
            for language in _LANGUAGES
        )
    elif reason.startswith("none needed"):
        said = (
            "قاعدته هي التعريف نفسه؛ فلا شيء يُعايَر"
            if arabic
            else "its rule is the definition; nothing to calibrate"
        )
    else:
        said = (
            f"غير معايَر؛ والسبب، كما سُجِّل بالإنجليزية: «{reason}»" if arabic else f"not calibrated: {reason}"
        )
    return f"{card.version}  {said}"


def show(name: str, ledger: Path | None = None) -> str:
    """A standard, evaluation or judge by name, or a ledger's record by digest, as indented JSON.

    A digest may be shortened as long as one record has it. Raises ``UnknownName``.
    """
    if name.startswith("sha256:") or ledger is not None:
        return _pretty(_record(name, ledger))
    cards = known_cards()
    if name in cards:
        return _pretty({"digest": digest(cards[name]), "evaluation": cards[name]})
    if name in JUDGES:
        return _pretty({"judge": judge_for(name).card})
    from qistas.standards.registry import load_standard, standard_names

    if name in standard_names():
        standard = load_standard(name, cards)
        return _pretty({"digest": digest(standard), "standard": standard})
    raise UnknownName.of("name", name, [*cards, *JUDGES, *standard_names()])


def _record(prefix: str, ledger: Path | None) -> object:
    paths = [ledger] if ledger else sorted(Path("runs").glob("*/ledger.sqlite"))
    wanted = prefix if prefix.startswith("sha256:") else f"sha256:{prefix}"
    for path in paths:
        with LedgerReader(path / "ledger.sqlite" if path.is_dir() else path) as reader:
            found = reader.find(wanted)
            if len(found) > 1:
                names = ", ".join(f"{digest_} ({kind})" for digest_, kind in found)
                raise BadInput(
                    Fault(f"{prefix!r} begins several digests: {names}", next_step="give more of it")
                )
            if found:
                kind, entry = reader.get(found[0][0]) or ("", None)
                return {"digest": found[0][0], "kind": kind, "record": entry}
    looked = ", ".join(str(path) for path in paths) or "no ledger under runs/"
    raise BadInput(Fault(f"no record {prefix!r} in {looked}", next_step="name the ledger with --ledger"))


def _pretty(value: object) -> str:
    """Characters that cannot be seen are escaped, as JSON allows: what a model wrote is shown on terminals."""
    shown = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    plain = (c == "\n" or c > "\uffff" or c.isprintable() for c in shown)
    return "".join(c if is_plain else f"\\u{ord(c):04x}" for c, is_plain in zip(shown, plain, strict=True))


def validate(files: Sequence[Path]) -> list[str]:
    """A line for each file in order; raises ``InvalidDocument`` with every fault of every file."""
    lines: list[str] = []
    faults: list[Fault] = []
    for path in files:
        try:
            lines.append(f"{path}: {_validated(path)}")
        except BadInput as error:
            faults.extend(error.faults)
    if faults:
        raise InvalidDocument(*faults)
    return lines


def _validated(path: Path) -> str:
    if path.suffix in (".jsonl", ".csv"):
        from qistas.datasets.rows import load_file

        rows, found = load_file(path)
        return f"{len(rows)} rows, {found}"
    kind = _kind_of(path)
    if kind == "evaluation":
        from qistas.evaluations.cards import load_card

        card = load_card(path)
        if card.judge:
            judge_for(card.judge)
        return f"evaluation {card.id} {card.version}, {digest(card)}"
    from qistas.standards.registry import load_standard

    standard = load_standard(path, known_cards())
    return f"standard {standard.id} {standard.version}, {digest(standard)}"


def _kind_of(path: Path) -> str:
    """``evaluation`` or ``standard``, by the head ``qistas:``; in YAML or JSON, which is YAML too.

    Raises:
        InvalidDocument: there is no such head, or it names neither.
    """
    from qistas.standards.document import parse, read_text

    document = parse(path, read_text(path))
    head = document.data.get("qistas") if isinstance(document.data, dict) else None
    kind = str(head).partition("/")[0]
    if kind not in ("evaluation", "standard"):
        what = "the head 'qistas:' is missing, which says what a document is"
        if head is not None:
            what = f"the head 'qistas: {head}' names no kind of document that is known"
        step = "write 'qistas: evaluation/1' on the first line of an evaluation card, 'qistas: standard/1' on that of a standard"
        raise InvalidDocument(Fault(what, where=document.where(("qistas",)), next_step=step))
    return kind
