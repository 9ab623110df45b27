"""The queue's own task types."""

from jobqueue.cleanup import clean_up
from jobqueue.registry import JobContext, job_handler


@job_handler("job_queue_cleanup", label="Clean up finished jobs", max_attempts=3)
def job_queue_cleanup(job: JobContext) -> dict[str, int]:
    """Delete finished jobs past their retention, and rows of workers long gone."""
    return clean_up(job)
