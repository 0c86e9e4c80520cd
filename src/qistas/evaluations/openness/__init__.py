"""Openness: what a release holds and under which licence."""
