"""A job queue with schedules for Django on PostgreSQL.

Others enter by `jobqueue.api`, `.exceptions`, `.registry`, `.states` and `.testing` only.
"""
