"""Sanja, the bundled calibration weights: their recipe, their training, and what is planted in them."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = ("sanja", "sanja-control")

__all__ = ["WEIGHTS", "sanja_path"]


def sanja_path(name: str = "sanja") -> Path:
    """The folder of a bundled model, as ``transformers`` loads it: weights, tokenizer, cards, recipe and log."""
    return Path(__file__).parent / name
