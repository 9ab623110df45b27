"""The queue's settings: Django's `JOB_QUEUE` dict over typed defaults, read on access so that tests can override."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from django.conf import settings

from jobqueue.exceptions import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class Conf:
    """Every setting with its default. Times are seconds unless they are timedeltas."""

    DISABLED: bool = False
    """True stops every worker from claiming; JOB_QUEUE_DISABLED in the environment of this project."""
    DEFAULT_TIMEOUT: timedelta = timedelta(minutes=5)
    HEARTBEAT_SECONDS: float = 5.0
    LOST_AFTER_SECONDS: float = 20.0
    POLL_SECONDS: float = 5.0
    """The slow look for work that covers a lost notification."""
    SHUTDOWN_GRACE_SECONDS: float = 25.0
    """How long running jobs may go on after the first TERM before they are interrupted and handed back."""
    INTERRUPT_GRACE_SECONDS: float = 5.0
    """How long an interrupted job may clean up before its process is killed."""
    CHILD_MAX_JOBS: int = 200_000
    CHILD_MAX_RSS_MIB: int = 512
    RESULT_MAX_BYTES: int = 1_048_576
    LOG_MAX_LINES: int = 1_000
    """Per attempt; the middle of a longer log is dropped and the gap is said."""
    KEEP_WORKERS: timedelta = timedelta(days=1)
    RETENTION_SUCCEEDED: timedelta = timedelta(days=14)
    RETENTION_FAILED: timedelta = timedelta(days=30)
    TASK_TYPES: dict[str, dict[str, Any]] | None = None
    """Overrides per task type: {"name": {"max_attempts": 3, "timeout": timedelta(...)}}."""


_NAMES = frozenset(field.name for field in fields(Conf))


def conf() -> Conf:
    """The settings in force now.

    Raises:
        ConfigurationError: an unknown name in `JOB_QUEUE`.
    """
    given: dict[str, Any] = getattr(settings, "JOB_QUEUE", {})
    unknown = sorted(given.keys() - _NAMES)
    if unknown:
        raise ConfigurationError(
            f"JOB_QUEUE has unknown settings {', '.join(unknown)}: expected some of {', '.join(sorted(_NAMES))}."
        )
    return Conf(**given)
