"""Pinned sources of rows, checked by digest."""

from qistas.datasets.rows import load_rows

__all__ = ["load_rows"]
