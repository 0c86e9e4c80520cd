"""What a judge's agreement with people is written as: JSON, lines for a terminal, a calibration record."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from qistas.contracts.agreements import Agreement, JudgeAgreement
from qistas.contracts.documents import Language
from qistas.contracts.errors import BadInput, Fault, StorageError
from qistas.contracts.estimates import Estimate
from qistas.report.agreement import agreement_lines

_RATES = ("sensitivity", "specificity", "agreement")
_NO_LABELS = {
    "en": "The labels that this record was made from hold no answers in this language.",
    "ar": "لا أجوبة بهذه اللغة في الأحكام البشرية التي بُني عليها هذا السجلّ.",
}


def judge_agreement_text(
    found: JudgeAgreement, format_: Literal["text", "json"], lang: Language = "en"
) -> str:
    """The agreement as indented JSON, or as lines for a terminal in ``lang``."""
    if format_ == "json":
        fields = msgspec.to_builtins(found)
        named = {name: fields.pop(name) for name in ("judge", "version")}
        return msgspec.json.format(msgspec.json.encode({**named, **fields}), indent=2).decode()
    return "\n".join(agreement_lines(found, lang))


def write_judge_record(found: JudgeAgreement, path: Path, on: str | None = None) -> None:
    """Write the calibration record, in the shape of those that stand beside the judges; ``on`` is its date, or today.

    Raises:
        BadInput: ``on`` is no date.
        StorageError: the file cannot be written.
    """
    from ruamel.yaml import YAML

    text = io.StringIO()
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output, yaml.width = False, False, 110
    yaml.allow_unicode = True
    yaml.dump(judge_record(found, record_date(on)), text)
    try:
        path.write_text(text.getvalue(), encoding="utf-8")
    except OSError as error:
        raise StorageError(Fault(f"cannot be written: {error.strerror}", str(path))) from error


def judge_record(found: JudgeAgreement, on: date) -> dict[str, Any]:
    """The calibration record as plain data: by language what the judge was held against and how it did."""
    languages: dict[str, Any] = {
        name: _language(found, name, part, on) for name, part in found.languages.items()
    }
    missing = [name for name in ("en", "ar") if name not in languages]
    record: dict[str, Any] = {
        "judge": found.judge,
        "version": found.version,
        "target": found.target,
        "scale": found.scale,
        "positive": list(found.positive),
        "negative": list(found.negative),
        "means": found.means,
        "languages": {**languages, **dict.fromkeys(missing)},
    }
    if missing:
        record["reasons"] = dict.fromkeys(missing, _NO_LABELS)
    return {"calibration": record, "reason": None}


def _language(found: JudgeAgreement, name: str, part: Agreement, on: date) -> dict[str, Any]:
    families = found.attacks.get(name, {})
    return {
        "files": [{"name": found.labels.name, "sha256": found.labels.digest.removeprefix("sha256:")}],
        "date": on.isoformat(),
        **_figures(part),
        **({"attacks": {family: _figures(one) for family, one in families.items()}} if families else {}),
    }


def _figures(part: Agreement) -> dict[str, Any]:
    counts = msgspec.to_builtins(part.counts)
    figures = {name: _rate(getattr(part, name)) for name in _RATES}
    return {
        "report": {"n": part.n, "clusters": part.clusters, **counts, "unscored": part.unscored},
        **figures,
        "confusion": part.confusion,
    }


def _rate(estimate: Estimate) -> dict[str, Any] | None:
    """``n`` counts scored answers, as in the records beside the judges; ``None`` where there is no rate."""
    if estimate.value is None:
        return None
    return {
        "value": estimate.value,
        "n": estimate.n - estimate.unscored,
        "low": estimate.low,
        "high": estimate.high,
        "confidence": estimate.confidence,
        "method": estimate.method,
    }


def record_date(on: str | None) -> date:
    """The date of a record: this one, or today.

    Raises:
        BadInput: ``on`` is no date.
    """
    if on is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(on)
    except ValueError as error:
        raise BadInput(Fault(f"{on!r} is no date", "--date", "write it like 2026-01-31")) from error
