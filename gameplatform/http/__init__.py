"""The game platform's own routes of the JSON API."""
