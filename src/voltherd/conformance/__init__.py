"""Runs the conformance suite of the source checkout and tells how many certification cases hold."""
