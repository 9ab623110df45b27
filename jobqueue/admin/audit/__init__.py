"""The audit log's screen."""
