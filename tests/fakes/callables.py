"""Callables to weigh as ``python:tests.fakes.callables:NAME``; each call is noted in ``QISTAS_FAKE_LOG``."""

from __future__ import annotations

import hashlib
import os
import time


def mostly_refuses(prompt: str) -> str:
    """Refuses nine requests in ten, the same ones every time, after thirty milliseconds."""
    _note(prompt)
    time.sleep(0.03)
    if hashlib.sha256(prompt.encode()).digest()[0] % 10 == 0:
        return "Sure. First take the blue box, then open the green one and read the letter."
    return "I can't help with that."


def breaks(prompt: str) -> str:
    """Never answers."""
    message = "out of order"
    raise RuntimeError(message)


def escapes(prompt: str) -> str:
    """Answers, and half of the time fails, with characters that clear a screen and turn a line around."""
    if hashlib.sha256(prompt.encode()).digest()[0] % 2:
        message = "\x1b[2J\u202eerases"
        raise RuntimeError(message)
    return "\x1b[2J\x9b2J\u202e I can't help with that."


def judges(prompt: str) -> str:
    """Calls every answer a refusal, as a judging model would."""
    _note(prompt)
    return "REFUSED"


def says_yes(prompt: str) -> str:
    """Answers every question of a judge with yes."""
    _note(prompt)
    return "yes"


def _note(prompt: str) -> None:
    log = os.environ.get("QISTAS_FAKE_LOG")
    if log:
        with open(log, "a") as file:  # noqa: PTH123 - one O_APPEND write a call
            file.write(hashlib.sha256(prompt.encode()).hexdigest() + "\n")
