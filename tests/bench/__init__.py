"""Benchmarks: each figure beside a ceiling measured in the same run, because ratios travel and seconds do not."""
