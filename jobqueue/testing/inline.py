"""A worker without processes: claims, runs and records jobs one at a time, in the caller's process and connection.

The claim, the executor, the writer and the rules are those of `run_worker`.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.utils import timezone

from jobqueue.claim import ClaimedJob, claim
from jobqueue.conf import conf
from jobqueue.exceptions import JobCancelled, JobInterrupted
from jobqueue.executor.channel import FromChild
from jobqueue.executor.context import RunningJob
from jobqueue.executor.execution import Execution, interrupted
from jobqueue.executor.log_capture import LogCapture
from jobqueue.models import Job
from jobqueue.reports import Report, encode_report
from jobqueue.states import WAITING, Status
from jobqueue.testing.committing import as_if_committed, is_spoiled
from jobqueue.worker.identity import deregister, register
from jobqueue.worker.keeping import Keeping
from jobqueue.worker.outbox import Outbox
from jobqueue.worker.settle import expired
from jobqueue.worker.writer import Writer

_CENTURY = 3_155_760_000.0  # seconds; the longest delay that is stored
_RECORDED = (Exception, SystemExit, JobInterrupted, asyncio.CancelledError)
"""What ends an attempt here, too."""


class Ran(NamedTuple):
    """One execution: the job as it is now, and what its handler raised."""

    job: Job
    report: Report
    error: BaseException | None


class _Execution(Execution):
    """Keeps what the handler raised, and undoes what only a test's transaction would have let be."""

    _error: BaseException | None = None

    def take_error(self) -> BaseException | None:
        """What was raised since the last call."""
        error, self._error = self._error, None
        return error

    def _run_of(self, task_type: str) -> Callable[[RunningJob, str], Any]:
        find = super()._run_of

        def run(context: RunningJob, payload: str) -> Any:
            with self._kept(), as_if_committed():
                return find(task_type)(context, payload)

        return run

    def _result(self, result: Any) -> Any:
        with self._kept():
            return super()._result(result)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self._error = error
            raise


class InlineWorker:
    """Runs one job at a time."""

    def __init__(self, worker: UUID, capture: LogCapture) -> None:
        self._worker = worker
        self._capture = capture
        self._keeping = Keeping()
        self._execution = _Execution(conf().RESULT_MAX_BYTES)

    def run_next(self, at: datetime, only: UUID | None = None) -> Ran | None:
        """Run the job that a worker would run first at this time; None if none is due.

        Args:
            only: this one, if it is due.
        """
        for job in claim(self._worker, 1, at=at, only=only):
            return self._run(job)
        return None

    def _run(self, claimed: ClaimedJob) -> Ran:
        before = Job.objects.get(pk=claimed.id)
        outbox = Outbox()
        report, error = self._report(claimed, outbox), self._execution.take_error()
        # With a mark the writer uses a transaction, and so a savepoint in that of a test.
        outbox.mark(claimed.id, claimed.claim, claimed.number, report.started)
        outbox.report(claimed.id, encode_report(report), report.delay is not None)
        if not self._keeping.is_kept(claimed):
            outbox.drop(claimed.id)
        Writer(self._worker, outbox, lambda batch: None, lambda: None).step()
        if report.delay is not None:
            _delay_by_this_clock(claimed, report.delay)
        if error is not None and not isinstance(error, _RECORDED):
            raise error  # Ctrl-C, or the word of a test framework
        return Ran(_after(before, report), report, error)

    def _report(self, claimed: ClaimedJob, outbox: Outbox) -> Report:
        started = time.time()
        if claimed.deadline is not None and claimed.deadline < started and claimed.number == 1:
            return msgspec.json.decode(expired(claimed), type=Report)
        context = RunningJob(claimed, started, lambda message: _hear(message, claimed, outbox))
        self._capture.begin()
        try:
            report = self._execution.run(claimed, context, started)
            context.say_rest()
        except JobInterrupted as interruption:
            report = interrupted(claimed, started, interruption)
        lines = self._capture.end()
        if lines:
            outbox.log(claimed.id, claimed.claim, [list(line) for line in lines])
        return report


@contextmanager
def inline_worker() -> Iterator[InlineWorker]:
    """A worker that is registered, and collects what is logged, for as long as the block lasts."""
    capture = LogCapture(conf().LOG_MAX_LINES)
    # As in a worker's child: the attempt itself says when a task began and how it ended.
    capture.addFilter(lambda record: record.name != "django.tasks")
    root = logging.getLogger()
    level = root.level
    worker = register(1, ())
    root.addHandler(capture)
    root.setLevel(min(level, logging.INFO) or logging.INFO)
    try:
        yield InlineWorker(worker, capture)
    finally:
        root.setLevel(level)
        root.removeHandler(capture)
        if not is_spoiled():
            deregister(worker)


def _hear(message: list[Any], job: ClaimedJob, outbox: Outbox) -> None:
    match message:
        case [FromChild.PROGRESS, id_, *news]:
            outbox.progress(id_, news)
        case [FromChild.CHECKPOINT, id_, *news]:
            outbox.checkpoint(id_, news)
    if not _in_event_loop():
        asked = Job.objects.filter(pk=job.id, cancel_requested_at__isnull=False)
        for reason in asked.values_list("cancel_reason", flat=True):
            raise JobCancelled(reason)


def _in_event_loop() -> bool:
    # An async handler speaks from a loop, where Django refuses to ask the database.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _delay_by_this_clock(claimed: ClaimedJob, delay: float) -> None:
    # The writer adds it to the database's clock, of which a test that stops Python's knows nothing.
    again = timezone.now() + timedelta(seconds=min(delay, _CENTURY))
    Job.objects.filter(pk=claimed.id, claim=claimed.claim, status__in=WAITING).update(run_at=again)


def _after(before: Job, report: Report) -> Job:
    now = Job.objects.filter(pk=before.pk).first()
    if now is None:  # its task type keeps no jobs that succeeded
        before.status, before.attempts = Status(report.status), report.number
        return before
    return now
