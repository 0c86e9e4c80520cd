"""Meters: time, processor, memory, energy; every reading says its source and grade."""
