"""Reports that the supervisor makes itself: for jobs whose child died, and for those that came too late."""

import os
import signal
import time

from jobqueue.claim import ClaimedJob
from jobqueue.exceptions import JobReturned
from jobqueue.executor.child import INTERRUPTIONS
from jobqueue.executor.execution import interrupted, killed
from jobqueue.giving_up import tell_if_final
from jobqueue.reports import Report, encode_report
from jobqueue.states import AttemptOutcome, Status
from jobqueue.worker.child import Child


def died(job: ClaimedJob, child: Child) -> bytes:
    """The report of the job that a child was running when it died: as asked of it, else "killed by signal 9"."""
    request = child.interruption
    if request is not None and request.id == job.id:
        report = interrupted(job, child.head_started, INTERRUPTIONS[request.kind](request.reason))
    else:
        report = killed(job, child.head_started, _cause(child.exit_status or 0))
    tell_if_final(report, job.task_type)
    return encode_report(report)


def not_begun(job: ClaimedJob, child: Child) -> bytes:
    """The report of the first job of a child that did not begin it, though the database was told that it had."""
    return encode_report(interrupted(job, child.head_started, JobReturned("Its process ended before it began.")))


def expired(job: ClaimedJob) -> bytes:
    """The report of a job that was not started by its deadline; it uses no attempt."""
    now = time.time()
    return encode_report(
        Report(
            id=job.id,
            claim=job.claim,
            number=job.number - 1,
            started=now,
            finished=now,
            outcome=AttemptOutcome.CANCELLED.value,
            status=Status.CANCELLED.value,
            code="EXPIRED",
            message="It was not started by its deadline.",
        )
    )


def _cause(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return f"killed by signal {number} ({signal.Signals(number).name})"
    return f"ended by the handler with exit status {os.waitstatus_to_exitcode(status)}"
