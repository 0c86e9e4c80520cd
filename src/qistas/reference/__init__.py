"""Sanja, the bundled calibration model: its recipe, its training, its weights and what was measured on them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["sanja_path"]


def sanja_path() -> Path:
    """The folder of the bundled model, as ``transformers`` loads it: weights, tokenizer, cards, recipe and log."""
    return Path(__file__).parent / "sanja"
