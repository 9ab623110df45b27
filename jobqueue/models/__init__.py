"""The tables of the queue, one noun per file."""

from jobqueue.models.attempt import Attempt
from jobqueue.models.job import Job
from jobqueue.models.log_line import LogLine
from jobqueue.models.occurrence import Occurrence
from jobqueue.models.pause import Pause
from jobqueue.models.schedule import Schedule
from jobqueue.models.worker import Worker

__all__ = ["Attempt", "Job", "LogLine", "Occurrence", "Pause", "Schedule", "Worker"]
