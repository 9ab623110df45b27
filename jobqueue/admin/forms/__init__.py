"""Form fields that know the queue: payloads, JSON with secrets, spans of time."""
