"""What every request passes through, one per file."""
