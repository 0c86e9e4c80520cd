"""Targets: how to speak to a model. One adapter per file; ``refs`` says which one a reference names."""
