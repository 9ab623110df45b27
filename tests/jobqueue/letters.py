"""A task type with text in its payload, registered only while a test needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jobqueue.registry import JobContext, Payload, job_handler, registry


class Letter(Payload, frozen=True):
    text: str = ""


def send(job: JobContext, payload: Letter) -> str:
    return payload.text


@contextmanager
def letters(**policy: Any) -> Iterator[None]:
    """Register the task type "letter" with these options of `job_handler`."""
    job_handler("letter", **policy)(send)
    try:
        yield
    finally:
        registry.remove("letter")
