"""Asks the platform how accounts stand and keeps the answers as dated snapshots. `collect.py` is the whole of it."""
