"""A handler that does what the test of the moment wants, for tests that execute in their own process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from jobqueue.registry import JobContext, fixed, job_handler

_wanted: list[Callable[[], Any]] = []


@job_handler("behave", backoff=fixed(0.05))
def behave(job: JobContext) -> Any:
    return _wanted[-1]()


@contextmanager
def doing(what: Callable[[], Any]) -> Iterator[None]:
    """While this lasts, `behave` does that."""
    _wanted.append(what)
    yield
    _wanted.pop()


def throw(error: BaseException) -> NoReturn:
    """`raise` as an expression."""
    raise error
