"""How figures, JSON and YAML are written in the documents for others."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from qistas.contracts.estimates import Estimate
from qistas.contracts.openness import DisclosedCost

# Wider than this, an interval is several figures rather than one that was rounded.
_ONE_FIGURE = 0.25


def figure(value: float) -> str:
    """A number in the shortest form that reads back as the same number."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def json_document(value: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON in the order of the keys, indented by two, ending in a line break."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def yaml_document(value: Any, remarks: tuple[str, ...] = ()) -> bytes:
    """UTF-8 YAML in the order of the keys, one line a value; ``remarks`` stand at its top as comments."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 1 << 20
    stream = io.BytesIO()
    stream.writelines(f"# {' '.join(remark.split())}\n".encode() for remark in remarks)
    yaml.dump(value, stream)
    return stream.getvalue()


def relative_iri(path: str) -> str:
    """A path inside a release as a relative reference (RFC 3987)."""
    return quote(path, safe="/-._~")


def behind(estimate: Estimate) -> dict[str, int | float | str]:
    """What stands behind a number: size, confidence, method."""
    return {
        "n": estimate.n,
        "clusters": estimate.clusters,
        "unscored": estimate.unscored,
        "confidence": estimate.confidence,
        "method": estimate.method,
    }


def behind_words(estimate: Estimate) -> dict[str, str]:
    """The same as words, for formats that know no numbers there."""
    return {
        name: value if isinstance(value, str) else figure(value) for name, value in behind(estimate).items()
    }


def single_figure(cost: DisclosedCost | None) -> float | None:
    """The one figure that was stated for a quantity of training; ``None`` where none was, or several that differ.

    What rounding leaves open of it (a quarter at most) is passed over: the figure is the middle.
    """
    if cost is None or cost.derived or cost.low is None or cost.high is None:
        return None
    middle = (cost.low + cost.high) / 2
    return middle if cost.high - cost.low <= _ONE_FIGURE * middle else None
