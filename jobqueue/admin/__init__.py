"""The queue's screens in the Django admin; importing this package registers them."""

from jobqueue.admin import audit_log, job_list, pauses, schedules, workers

__all__ = ["audit_log", "job_list", "pauses", "schedules", "workers"]
