"""The screens of operations on many jobs: the question with its numbers, and each operation's own page."""
