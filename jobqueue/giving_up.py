"""Telling of jobs that failed for good: one line in the log, and a signal for whoever watches over errors."""

import logging

from jobqueue.reports import Report
from jobqueue.signals import FinalFailure, job_gave_up
from jobqueue.states import Status

log = logging.getLogger("jobqueue.outcomes")

_FINAL = {Status.FAILED.value, Status.DEAD.value}


def tell_if_final(
    report: Report, task_type: str, error: BaseException | None = None, *, may_wait: bool = False
) -> None:
    """Log and send `job_gave_up` if no other attempt follows this one; costs nothing otherwise."""
    if report.status not in _FINAL:
        return
    failure = FinalFailure(
        job_id=report.id,
        task_type=task_type,
        attempt=report.number,
        status=report.status,
        code=report.code or "",
        message=report.message or "",
        fingerprint=report.fingerprint or "",
    )
    fields = {"job_id": report.id, "job_type": task_type, "attempt": report.number, "error_code": failure.code}
    what = failure.message.partition("\n")[0]
    log.error("%s is %s: %s: %s", task_type, failure.status, failure.code, what, extra=fields)
    job_gave_up.send_robust(FinalFailure, failure=failure, error=error, may_wait=may_wait)
