"""The queue's screens in the Django admin; importing this package registers them."""

from jobqueue.admin import job_list, pauses, schedules, workers

__all__ = ["job_list", "pauses", "schedules", "workers"]
