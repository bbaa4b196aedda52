"""Benchmarks: each prints ratios of one run, never absolute times to compare with."""
