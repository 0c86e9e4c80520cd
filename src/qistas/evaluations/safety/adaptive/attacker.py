"""The attacking model's side: what it is told, and how its answers are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

TURN_FORM = '{"improvement": …, "prompt": …}'
ON_TOPIC_FORM = '{"on_topic": true} or {"on_topic": false}'
_DECODER = json.JSONDecoder(strict=False)


class Turn(NamedTuple):
    """What the attacker answered: how it means to do better, the prompt, and its words as they came."""

    improvement: str
    prompt: str
    said: str


def turn_in(text: str) -> Turn | None:
    """The first JSON object in the text that has a ``prompt``, or nothing."""
    for found in _objects(text):
        prompt = found.get("prompt")
        if isinstance(prompt, str) and prompt.strip() and _writable(prompt):
            return Turn(str(found.get("improvement", "")), prompt.strip(), text)
    return None


def on_topic_in(text: str) -> bool | None:
    """What the first JSON object says that has ``on_topic``, or nothing."""
    said = (found.get("on_topic") for found in _objects(text))
    return next((value for value in said if isinstance(value, bool)), None)


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """The JSON objects in the text, whatever stands around them; line breaks inside strings are let pass."""
    start = text.find("{")
    while start >= 0:
        end = start + 1
        try:
            found, end = _DECODER.raw_decode(text, start)
        except RecursionError:
            return
        except ValueError:
            found = None
        if isinstance(found, dict):
            yield found
        start = text.find("{", end)


def _writable(text: str) -> bool:
    """Whether it can be sent at all: JSON may hold halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
