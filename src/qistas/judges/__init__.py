"""Judges: one per file, its calibration record beside it."""
