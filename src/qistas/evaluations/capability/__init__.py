"""The pillar capability: one card per evaluation, and code where a card is not enough."""
