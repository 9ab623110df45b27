"""What a project's configuration of logs takes from the queue; without one, plain lines on stderr."""

import logging
from typing import Any

from jobqueue.executor import masking
from jobqueue.redaction import redact

__all__ = ["JobFormatter", "configure_plain", "masked", "masked_json"]

_JOB = ("job_id", "job_type", "attempt")


def masked(text: str) -> str:
    """The text without secrets: those of the settings, and in a worker's child those of the job's own payload."""
    return masking.masked(text)


def masked_json(value: Any) -> Any:
    """A JSON value without them."""
    return redact(value, masking.known())


class JobFormatter(logging.Formatter):
    """Lines for people: what was logged, the job that it is about, and no secrets."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        """The line before its traceback."""
        line = super().formatMessage(record)
        about = [f"{name}={value}" for name in _JOB if (value := getattr(record, name, None)) is not None]
        return f"{line} [{' '.join(about)}]" if about else line

    def format(self, record: logging.LogRecord) -> str:
        """The whole, masked."""
        return masked(super().format(record))


def configure_plain() -> None:
    """Log to stderr from INFO on, unless the project has configured logs itself."""
    handler = logging.StreamHandler()
    handler.setFormatter(JobFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
