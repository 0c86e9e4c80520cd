"""The planted truth: whole populations, and their exact values measured without the instruments."""

from __future__ import annotations

from qistas.reference.truth.contract import Oracle, Property, Row, Truth, Values

__all__ = ["Oracle", "Property", "Row", "Truth", "Values"]
