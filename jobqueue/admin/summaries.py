"""A job's result in words, masked."""

import logging

from jobqueue.models import Job
from jobqueue.redaction import redact
from jobqueue.registry import registry
from jobqueue.states import Status
from jobqueue.summaries import Summary, numbers_in

log = logging.getLogger("jobqueue.admin")


def summary_of(job: Job) -> Summary | None:
    """What its task type says of its result, else the numbers in it; None if it has not succeeded."""
    if job.status != Status.SUCCEEDED:
        return None
    result = redact(job.result)
    known = registry.get(job.task_type) if job.task_type in registry else None
    if known is None or known.summary is None:
        return numbers_in(result)
    try:
        return known.summary(result)
    except Exception:
        # It is the app's code, and the row may be older than it.
        log.exception("The summary of %s failed on the result of job %s.", job.task_type, job.pk)
        return numbers_in(result)
