"""An app whose handlers misbehave in every way that a test needs."""
