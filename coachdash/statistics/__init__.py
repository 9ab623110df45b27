"""What the pages show, read by SQL aggregates from the mirror; whose rows those are is `access.py`'s to say."""
