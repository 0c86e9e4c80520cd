"""The ledger: the append-only evidence of one run, in one SQLite file."""
