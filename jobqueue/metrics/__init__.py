"""The queue in numbers, as Prometheus reads them: from the database alone, so that every process says the same."""
