"""Evaluations: one card per measurement procedure, and code only where a card is not enough."""
