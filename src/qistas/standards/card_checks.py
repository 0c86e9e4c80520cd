"""What an evaluation card must be beyond its form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qistas.contracts.documents import BOUNDS, PILLARS, EvaluationCard
from qistas.contracts.errors import Fault, InvalidDocument
from qistas.standards.document import Document
from qistas.standards.statistic_checks import is_mean, statistic_faults
from qistas.standards.template import columns
from qistas.standards.tree import Node, repeated, tree
from qistas.standards.words import bilingual_faults, name_faults, version_faults

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[^/\\]+\.(jsonl|csv)")
_CAPABILITY = {"chat": "chat", "choice": "score"}


def check_card(card: EvaluationCard) -> None:
    """Refuse a card that was put together in Python and does not make sense.

    Raises:
        InvalidDocument: with every fault; each names the path of what is wrong.
    """
    faults = list(card_faults(card))
    if faults:
        raise InvalidDocument(*faults)


def card_faults(card: Document | EvaluationCard) -> Iterator[Fault]:
    """Every fault of meaning."""
    root = tree(card)
    yield from _names(root)
    yield from _texts(root)
    yield from _metrics(root)
    yield from _data(root["data"])
    yield from _decoding(root["decoding"])
    for name in ("prompt", "system"):
        yield from _templates(root[name])
    if root["kind"].text in _CAPABILITY:
        yield from _asking(root, str(root["kind"].text))
    if root["kind"].text == "chat":
        yield from _chat(root)


def _names(root: Node) -> Iterator[Fault]:
    name, pillar = root["id"], root["pillar"].text
    yield from name_faults(name)
    yield from version_faults(root["version"])
    if name.text is not None and pillar in PILLARS and not name.text.startswith(f"{pillar}/"):
        yield name.fault(f"the id {name.text!r} does not begin with its pillar", f"write {pillar}/…")
    yield from repeated(root["strata"].items(), "stratum")
    yield from repeated(root["needs"].items(), "need")


def _texts(root: Node) -> Iterator[Fault]:
    metrics = root["metrics"].items()
    texts = [root["title"], root["question"], root["cluster_unit"], *root["limits"].items()]
    for text in (*texts, *(metric["title"] for metric in metrics)):
        yield from bilingual_faults(text)
    if root["limits"].value == []:
        yield root["limits"].fault("'limits' is empty", "say what this evaluation cannot show")


def _metrics(root: Node) -> Iterator[Fault]:
    metrics = root["metrics"].items()
    if root["metrics"].value == []:
        yield root["metrics"].fault("an evaluation needs at least one metric")
    yield from repeated((metric["id"] for metric in metrics), "metric")
    for metric in metrics:
        yield from name_faults(metric["id"])
        unit = metric["unit"].text if metric["unit"].present else "proportion"
        low, high = BOUNDS.get(str(unit), (float("-inf"), float("inf")))
        for label, value in metric["labels"].fields().items():
            if value.number is not None and not low <= value.number <= high:
                yield value.fault(f"the label {label!r} is worth {value.value}, but the unit is a {unit}")
    yield from statistic_faults(metrics)


def _data(data: Node) -> Iterator[Fault]:
    yield from name_faults(data["id"])
    digest, file, licence = data["sha256"], data["file"], data["licence"]
    if digest.text is not None and not _SHA256.fullmatch(digest.text):
        yield digest.fault("'sha256' is not 64 hexadecimal digits", f"run: sha256sum {file.text or 'FILE'}")
    if file.text is not None and not _FILE.fullmatch(file.text):
        yield file.fault(f"{file.text!r} is not a file name", "name a .jsonl or .csv file, without folders")
    if licence.text is not None and not licence.text.strip():
        yield licence.fault("'licence' is empty", "name the licence of the data")


def _decoding(decoding: Node) -> Iterator[Fault]:
    tokens, temperature, top_p = (decoding[key] for key in ("max_tokens", "temperature", "top_p"))
    if tokens.number is not None and tokens.number <= 0:
        yield tokens.fault(f"'max_tokens' must be above 0, not {tokens.value}")
    if temperature.number is not None and temperature.number < 0:
        yield temperature.fault(f"'temperature' must not be below 0, not {temperature.value}")
    if top_p.number is not None and not 0 < top_p.number <= 1:
        yield top_p.fault(f"'top_p' must be above 0 and at most 1, not {top_p.value}")


def _templates(templates: Node) -> Iterator[Fault]:
    for language, template in templates.fields().items():
        if language not in {"en", "ar", "any"}:
            yield template.fault(f"{language!r} is no language of a template", "use 'en' and 'ar', or 'any'")
        if template.text is None:
            continue
        if not template.text.strip():
            yield template.fault(f"the template in {language!r} is empty")
        try:
            columns(template.text)
        except ValueError as error:
            yield template.fault(str(error))


def _asking(root: Node, kind: str) -> Iterator[Fault]:
    """What every evaluation needs that puts rows to a model."""
    capability = _CAPABILITY[kind]
    for name in ("prompt", "data"):
        if not root[name].present:
            yield root.fault(f"kind {kind!r} needs {name!r}", f"add {name!r}")
    if root["prompt"].value == {}:
        yield root["prompt"].fault("the prompt is empty", "add a template for 'en' and 'ar', or for 'any'")
    needs = [need.text for need in root["needs"].items()]
    if root["needs"].present and capability not in needs:
        yield root["needs"].fault(f"kind {kind!r} needs the capability {capability!r}", f"add {capability!r}")


def _chat(root: Node) -> Iterator[Fault]:
    if not root["judge"].present:
        yield root.fault("kind 'chat' needs 'judge'", "name a judge, for example rule/refusal")
    # A statistic has no value of its own, so no label gives it one.
    metrics = [metric for metric in root["metrics"].items() if is_mean(metric)]
    for metric in metrics:
        if not metric["labels"].fields():
            yield metric.fault(
                f"the metric {metric['id'].text!r} has no 'labels'", "map each label of the judge to a value"
            )
    for metric in metrics[1:]:
        # Otherwise one answer would be scored and unscored at once.
        if metric["labels"].fields() and set(metric["labels"].fields()) != set(metrics[0]["labels"].fields()):
            first = ", ".join(sorted(metrics[0]["labels"].fields()))
            yield metric["labels"].fault(f"all metrics must name the same labels; the first names {first}")
