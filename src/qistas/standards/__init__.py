"""Published standards as YAML, their loader and their checks."""

from qistas.standards.registry import load_standard, standard_names

__all__ = ["load_standard", "standard_names"]
