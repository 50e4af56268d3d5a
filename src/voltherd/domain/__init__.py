"""Meaning: version-free values and rules of charging. No I/O, no clock; time is always an argument."""
