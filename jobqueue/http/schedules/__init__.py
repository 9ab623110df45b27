"""Schedules over the API, by the names that operators use: brand and customer for whom, job type, metadata."""
