"""``--param NAME=VALUE``: a value in place of one of an evaluation's parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qistas.contracts.errors import Fault


def parameters(items: Iterable[str], faults: list[Fault]) -> dict[str, Any]:
    """The values by name; each is a YAML value, as it would stand on a card."""
    from qistas.contracts.errors import Fault, InvalidDocument
    from qistas.standards.document import parse

    chosen: dict[str, Any] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name or not value:
            step = "write for example --param repeats=2 or --param 'families=[base64, rot13]'"
            faults.append(Fault(f"--param {item!r} is not NAME=VALUE", next_step=step))
        elif name in chosen:
            faults.append(Fault(f"--param {name} is given twice", next_step="give it once"))
        else:
            try:
                document = parse(f"--param {name}", value)
            except InvalidDocument as error:
                faults += error.faults
            else:
                faults += document.faults
                chosen[name] = document.data
    return chosen
