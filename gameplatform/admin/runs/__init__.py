"""The screen of sync runs."""
