"""The screen of the workers."""
