"""The queue's screens in the Django admin; importing this package registers them."""

from jobqueue.admin.audit import screen as audit
from jobqueue.admin.bulk import screen as bulk
from jobqueue.admin.jobs import screen as jobs
from jobqueue.admin.processing import pauses
from jobqueue.admin.schedules import screen as schedules
from jobqueue.admin.tokens import screen as tokens
from jobqueue.admin.workers import cycles
from jobqueue.admin.workers import screen as workers

__all__ = ["audit", "bulk", "cycles", "jobs", "pauses", "schedules", "tokens", "workers"]
