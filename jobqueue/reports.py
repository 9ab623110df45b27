"""A report: how one execution of a job ended, as the executor tells it and `transitions.finish` stores it."""

import logging
from datetime import timedelta
from hashlib import blake2b

import msgspec

from jobqueue.conf import conf
from jobqueue.exceptions import UnknownTaskTypeError
from jobqueue.registry import registry
from jobqueue.retry import Backoff, RetryPolicy, exponential, wait_asked_by
from jobqueue.states import Status

log = logging.getLogger("jobqueue.reports")

_NO_HANDLER = RetryPolicy(max_attempts=1, backoff=exponential())


class Report(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line of the statement that finishes jobs. Times are seconds since 1970, `delay` is seconds."""

    id: str
    claim: int
    number: int
    started: float
    finished: float
    outcome: str
    status: str
    result: msgspec.Raw | None = None
    code: str | None = None
    message: str | None = None
    traceback: str | None = None
    exception: str | None = None
    """The dotted path of the class of what was raised."""
    fingerprint: str | None = None
    """What it has in common with errors that look alike; see `Failure`."""
    delay: float | None = None


encode_report = msgspec.json.Encoder().encode


def after_error(
    task_type: str, number: int, max_attempts: int, code: str, error: BaseException | None = None
) -> tuple[Status, float | None]:
    """Where a failed attempt leads: the next status, and for a retry the wait in seconds.

    Args:
        number: the attempt that failed, 1 for the first.
        code: its error code, which the task type's policy may know as hopeless.
        error: what the handler raised, where it is at hand; the policy may know its class, and it may ask for a
            longer wait.
    """
    try:
        policy = registry.get(task_type).retry
    except UnknownTaskTypeError:
        policy = _NO_HANDLER
    if not policy.is_retryable(code, error):
        return Status.FAILED, None
    if number >= max_attempts:
        return Status.DEAD, None
    asked = min(wait_asked_by(error), conf().MAX_RETRY_AFTER)
    return Status.RETRYING, max(_wait(policy.backoff_after(code, error), number), asked.total_seconds())


def _wait(backoff: Backoff, number: int) -> float:
    try:
        return max(backoff(number), timedelta()).total_seconds()
    except Exception:
        # It is the app's code, and a rescue asks it, too: it must not end the worker that asks.
        log.exception("The backoff %r failed at attempt %d; the default is used.", backoff, number)
        return exponential()(number).total_seconds()


def fingerprint_of_code(task_type: str, code: str) -> str:
    """What ends without an exception of their own have in common: a process killed, a worker lost, a timeout.

    Args:
        code: such as "KILLED". Where a timeout struck is chance, so its traceback is no part of its fingerprint.

    Returns:
        16 hexadecimal digits.
    """
    return blake2b("\n".join((task_type, "code", code)).encode("utf-8", "replace"), digest_size=8).hexdigest()
