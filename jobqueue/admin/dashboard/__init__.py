"""The dashboard: whether data arrives, and if not, why not."""
