"""Safety: what a model turns down, what it turns down needlessly, and what makes it give way."""
