"""Timings beside the peers that a user would pick instead; `python -m benchmarks` runs them all."""
