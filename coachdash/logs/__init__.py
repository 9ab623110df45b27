"""One line per thing that happens: JSON for machines in production, readable on somebody's desk."""
