"""Running one job: payload in, handler, report out. Whatever the handler does ends in one report."""

import inspect
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
from asgiref.sync import async_to_sync

from jobqueue.claim import ClaimedJob
from jobqueue.conf import conf
from jobqueue.exceptions import (
    CancelJob,
    JobCancelled,
    JobInterrupted,
    JobReturned,
    PermanentError,
    RetryLater,
    UnknownTaskTypeError,
)
from jobqueue.executor.context import RunningJob
from jobqueue.executor.errors import class_of, code_of, message_of, storable, traceback_of
from jobqueue.executor.fingerprints import fingerprint_of
from jobqueue.payloads import holds_nul
from jobqueue.registry import registry
from jobqueue.reports import Report, after_error, fingerprint_of_code
from jobqueue.retry import KILLED
from jobqueue.states import AttemptOutcome, Status

_SUCCEEDED = "succeeded"
_LONGEST_DELAY = 3_155_760_000.0  # seconds; a century
type Run = Callable[[RunningJob, str], Any]
type AsyncHandler = Callable[..., Awaitable[Any]]
type Await = Callable[..., Any]
"""Takes an async handler and its arguments, gives what it returns."""
_encode = msgspec.json.Encoder().encode


class ResultError(Exception):
    """The handler succeeded but what it returned cannot be stored."""

    error_code = "RESULT_INVALID"


def _await_here(handler: AsyncHandler, *arguments: Any) -> Any:
    """What async code does with the database happens in this thread, and so in its transaction."""
    return async_to_sync(handler)(*arguments)


class Execution:
    """Runs jobs one after another, in a child."""

    def __init__(self, result_max_bytes: int, await_: Await = _await_here) -> None:
        """`await_` runs the async handlers."""
        self._result_max_bytes = result_max_bytes
        self._await = await_
        self._runs: dict[str, Run] = {}
        self._error: BaseException | None = None

    def run(self, job: ClaimedJob, context: RunningJob, started: float) -> Report:
        """Run the job's handler to its end.

        Raises:
            JobInterrupted: from outside; pass it to `interrupted`.
        """
        self._error = None
        try:
            result = self._run_of(job.task_type)(context, job.payload)
            raw = None if result is None else self._result(result)
        except JobInterrupted:
            raise
        except BaseException as error:  # noqa: BLE001  sys.exit() in a handler ends the attempt, not the child
            self._error = error
            try:
                return _failed(job, started, error)
            except Exception as worse:  # noqa: BLE001  what it raised is the handler's code, too
                return _failed(job, started, worse)
        report = _report(job, started)
        report.result = raw
        return report

    def take_error(self) -> BaseException | None:
        """What the last job raised; given once, for it holds on to all that its frames hold."""
        error, self._error = self._error, None
        return error

    def _run_of(self, task_type: str) -> Run:
        run = self._runs.get(task_type)
        if run is None:
            run = self._runs[task_type] = _compiled(task_type, self._await)
        return run

    def _result(self, result: Any) -> msgspec.Raw:
        try:
            raw = _encode(result)
        except Exception as error:
            if inspect.isawaitable(result):
                _discard(result)
                raise ResultError(
                    "The handler returned something to be awaited: declare it with `async def`."
                ) from None
            raise ResultError(f"The result cannot be stored as JSON: {message_of(error)}") from error
        if holds_nul(raw):
            raise ResultError("The result holds the character U+0000, which PostgreSQL does not store.")
        if len(raw) > self._result_max_bytes:
            raise ResultError(
                f"The result has {len(raw):,} bytes; at most {self._result_max_bytes:,} are kept "
                "(JOB_QUEUE['RESULT_MAX_BYTES'])."
            )
        return msgspec.Raw(raw)


def _discard(awaitable: Awaitable[Any]) -> None:
    # Python would warn, later and elsewhere, that it was never awaited.
    if inspect.iscoroutine(awaitable):
        awaitable.close()


def _report(job: ClaimedJob, started: float) -> Report:
    return Report(
        id=job.id,
        claim=job.claim,
        number=job.number,
        started=started,
        finished=time.time(),
        outcome=_SUCCEEDED,
        status=_SUCCEEDED,
    )


def interrupted(job: ClaimedJob, started: float, interruption: JobInterrupted) -> Report:
    """The report of an execution that was stopped from outside."""
    report = _report(job, started)
    report.message = storable(str(interruption))
    if isinstance(interruption, JobReturned):
        report.outcome = AttemptOutcome.RETURNED.value
        report.status = (Status.RETRYING if job.number > 1 else Status.PENDING).value
    elif isinstance(interruption, JobCancelled):
        report.outcome, report.status = AttemptOutcome.CANCELLED.value, Status.CANCELLED.value
        report.code = "CANCELLED"
    else:
        report.outcome, report.code = AttemptOutcome.TIMED_OUT.value, "TIMEOUT"
        status, report.delay = after_error(job.task_type, job.number, job.max_attempts, "TIMEOUT")
        report.status = status.value
        report.traceback = traceback_of(interruption)
        report.exception, report.fingerprint = class_of(interruption), fingerprint_of_code(job.task_type, "TIMEOUT")
    return report


def killed(job: ClaimedJob, started: float, how: str) -> Report:
    """The report of an execution whose process died of it.

    Args:
        how: such as "killed by signal 9".
    """
    status, delay = after_error(job.task_type, job.number, job.max_attempts, KILLED)
    return Report(
        id=job.id,
        claim=job.claim,
        number=job.number,
        started=started,
        finished=time.time(),
        outcome=AttemptOutcome.KILLED.value,
        status=status.value,
        code=KILLED,
        message=f"The process that ran this job was {how}.",
        fingerprint=fingerprint_of_code(job.task_type, KILLED),
        delay=delay,
    )


def _compiled(task_type: str, await_: Await) -> Run:
    # Once per child and task type: the look-up, its overrides and the decoder.
    known = registry.get(task_type)
    handler = partial(await_, known.handler) if known.is_async else known.handler
    if not known.takes_payload:
        return lambda context, _: handler(context)
    decode = msgspec.json.Decoder(known.payload_type).decode

    def run(context: RunningJob, payload: str) -> Any:
        try:
            checked = decode(payload)
        except msgspec.ValidationError as error:
            raise PermanentError("VALIDATION_ERROR", f"The payload does not fit any more: {error}") from error
        return handler(context, checked)

    return run


def _failed(job: ClaimedJob, started: float, error: BaseException) -> Report:
    report = _report(job, started)
    report.message = message_of(error)
    if isinstance(error, RetryLater):
        return _postponed(job, report, error)
    if isinstance(error, CancelJob):
        report.outcome, report.status = AttemptOutcome.CANCELLED.value, Status.CANCELLED.value
        report.code = "CANCELLED"
        return report
    report.outcome, report.code = AttemptOutcome.ERROR.value, code_of(error)
    report.traceback = traceback_of(error)
    report.exception, report.fingerprint = class_of(error), fingerprint_of(job.task_type, error)
    if isinstance(error, PermanentError | ResultError):
        report.status = Status.FAILED.value
    elif isinstance(error, UnknownTaskTypeError):
        report.code, report.status = "UNKNOWN_TASK_TYPE", Status.FAILED.value
    else:
        status, report.delay = after_error(job.task_type, job.number, job.max_attempts, report.code, error)
        report.status = status.value
    return report


def _postponed(job: ClaimedJob, report: Report, request: RetryLater) -> Report:
    most = registry.get(job.task_type).max_postponements
    if most is None:
        most = conf().MAX_POSTPONEMENTS
    if job.postponed < most:
        report.outcome = AttemptOutcome.POSTPONED.value
        report.status = (Status.RETRYING if job.number > 1 else Status.PENDING).value
        report.delay = min(max(request.delay.total_seconds(), 0.0), _LONGEST_DELAY)
        return report
    report.outcome, report.status = AttemptOutcome.ERROR.value, Status.FAILED.value
    report.code = "POSTPONED_TOO_OFTEN"
    report.message = (
        f"It asked {job.postponed + 1:,} times in a row to be run later; at most {most:,} are allowed "
        f"(JOB_QUEUE['MAX_POSTPONEMENTS'], or max_postponements of its task type). The last reason: {report.message}"
    )
    report.traceback = traceback_of(request)
    report.exception = class_of(request)
    report.fingerprint = fingerprint_of_code(job.task_type, report.code)
    return report
