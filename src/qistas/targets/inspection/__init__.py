"""Inspection: what the bytes of a release's files show about their safety, with nothing loaded, run or rendered."""
