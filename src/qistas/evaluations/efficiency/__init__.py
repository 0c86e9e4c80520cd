"""Efficiency: time, memory and energy per token."""
