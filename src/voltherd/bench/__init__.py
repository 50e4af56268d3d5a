"""Benchmarks that print ratios: what a message costs, beside what it costs elsewhere, in one run."""
