"""What ``sanja`` is taught: data that the project writes itself, generated from seeds, in English and Arabic."""

from __future__ import annotations

from qistas.reference.recipe.examples import LANGUAGES, Example, held_out, load

__all__ = ["LANGUAGES", "Example", "held_out", "load"]
