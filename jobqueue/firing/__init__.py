"""Firing: what becomes of schedules whose time has come. `plan` decides, `batch` writes, `scheduler.py` calls."""
