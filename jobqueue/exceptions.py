"""Every error of the queue: what enqueuing refuses, and what a handler raises to steer its job."""

from collections.abc import Mapping
from datetime import timedelta


class JobQueueError(Exception):
    """The base of all errors of this package."""


class ConfigurationError(JobQueueError):
    """A handler or a setting is wrong; raised while Django starts."""


class UnknownTaskTypeError(JobQueueError):
    """No handler is registered under that task type."""

    def __init__(self, task_type: str, known: list[str]) -> None:
        super().__init__(
            f"Unknown task type {task_type!r}: no installed app registers a handler for it. "
            f"Known task types: {', '.join(known) or 'none'}."
        )
        self.task_type = task_type


class InvalidPayloadError(JobQueueError):
    """The payload does not fit the handler's payload type."""

    def __init__(self, task_type: str, problem: str) -> None:
        super().__init__(f"Invalid payload for {task_type!r}: {problem}")
        self.task_type = task_type
        self.problem = problem


class InvalidOptionError(JobQueueError):
    """An option of `enqueue` has an impossible value."""


class InvalidSelectionError(JobQueueError):
    """Nobody can tell which jobs an operation on many is about."""


class InvalidScheduleError(JobQueueError):
    """A schedule cannot be fired as it is."""

    def __init__(self, name: str, problems: Mapping[str, str]) -> None:
        said = " ".join(f"{field}: {problem}" for field, problem in problems.items())
        super().__init__(f"The schedule {name!r} is not possible: {said}")
        self.problems = problems
        """By field, what is wrong and what would be right."""


class NotUndoableError(JobQueueError):
    """An operation on many jobs cannot be undone, or not now."""


class TemplateRefusedError(JobQueueError):
    """A template of schedules cannot be applied, or its application not be undone."""


class InvalidTokenError(JobQueueError):
    """An API token cannot be made as it was asked for."""


class PermanentError(JobQueueError):
    """Raised by a handler: no retry can mend this; the job ends `failed`.

    Args:
        code: a short upper-case word to group by, such as `AUTH_ERROR`.
        message: one sentence for the operator.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = code
        self.message = message


class RetryLater(JobQueueError):  # noqa: N818  a request, not an error
    """Raised by a handler: run me again after `delay` without using up an attempt.

    A job that does so too often in a row fails; see `max_postponements` of `job_handler`.

    Raises:
        TypeError: the delay is no timedelta.
    """

    def __init__(self, delay: timedelta, reason: str) -> None:
        if not isinstance(delay, timedelta):
            raise TypeError(f"RetryLater got the delay {delay!r}: expected a timedelta.")
        super().__init__(reason)
        self.delay = delay
        self.reason = reason


class CancelJob(JobQueueError):  # noqa: N818  a request, not an error
    """Raised by a handler: stop here for good; the job ends `cancelled` with this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JobInterrupted(BaseException):
    """Raised inside a running handler from outside; not an `Exception`, so that `except Exception` lets it pass."""


class JobCancelled(JobInterrupted):
    """Somebody cancelled the running job."""


class JobTimedOut(JobInterrupted):
    """The job ran longer than its timeout."""


class JobReturned(JobInterrupted):
    """The worker is stopping and hands the job back."""
