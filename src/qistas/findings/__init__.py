"""Observations to estimates to findings: one place, used by stopping, report and verify."""
