"""Frozen records, protocols, verdicts, errors, canonical form: what every room speaks. Below everything."""
