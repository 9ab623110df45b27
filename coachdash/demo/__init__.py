"""The demo: invented people and schedules for a fresh database, and the processes that bring it to life."""
