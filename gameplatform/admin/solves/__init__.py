"""The screens of what was solved, and of the events."""
