"""Chat templates without a clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime

PINNED_DATE = datetime(2025, 1, 1, tzinfo=UTC)
_CALL = re.compile(r"""strftime_now\(\s*(?:"([^"]*)"|'([^']*)')""")


def pinned_template(template: str) -> str:
    """The template with its date held at 1 January 2025, where it asks for one.

    Templates may print today's date; then the same conversation would be another prompt tomorrow.
    """
    if "strftime_now" not in template:
        return template
    formats = sorted({a or b for a, b in _CALL.findall(template)})
    table = ", ".join(f"{_quoted(f)}: {_quoted(PINNED_DATE.strftime(f))}" for f in formats)
    iso = _quoted(PINNED_DATE.strftime("%Y-%m-%d"))
    return f"{{%- macro strftime_now(format) -%}}{{{{- {{{table}}}.get(format, {iso}) -}}}}{{%- endmacro -%}}{template}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
