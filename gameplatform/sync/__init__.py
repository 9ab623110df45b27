"""Brings the mirror up to date: plan per account, fetch concurrently, write in batches. `run.py` is the loop."""
