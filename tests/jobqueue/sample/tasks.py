"""Tasks of Django's framework for tests."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django.tasks
from django.tasks import TaskContext
from django.tasks.signals import task_finished, task_started

from jobqueue.registry import Concurrency, Unique, fixed
from jobqueue.states import Status

# The type stubs do not know the options of backends.
task: Callable[..., Callable[[Callable[..., Any]], Any]] = django.tasks.task
log = logging.getLogger("tests.tasks")

type Context = TaskContext[..., Any]


class NoSuchAccount(Exception):  # noqa: N818
    """An error with a class of the app's own."""


@task()
def add(one: int, two: int = 0) -> int:
    return one + two


@task()
async def add_async(one: int, two: int = 0) -> int:
    await asyncio.sleep(0)
    return one + two


@task(queue_name="mail", priority=10)
def send_mail(to: str) -> str:
    return to


@task(takes_context=True)
def tell_context(context: Context) -> list[Any]:
    result = context.task_result
    return [
        result.id,
        context.attempt,
        result.status,
        len(result.worker_ids),
        [e.traceback[-9:] for e in result.errors],
    ]


@task(takes_context=True)
async def tell_context_async(context: Context) -> list[Any]:
    return [context.task_result.id, context.attempt]


@task(max_attempts=3, backoff=fixed(0.05, jitter=0), takes_context=True)
def succeed_at(context: Context, attempt: int) -> int:
    if context.attempt < attempt:
        raise NoSuchAccount(f"attempt {context.attempt}")
    return context.attempt


@task(max_attempts=2, backoff=fixed(0.05, jitter=0))
def fail(message: str = "no") -> None:
    raise ValueError(message)


@task(max_attempts=2, backoff=fixed(0.05, jitter=0))
async def fail_async(message: str = "no") -> None:
    raise NoSuchAccount(message)


@task(max_attempts=5, never_retry={NoSuchAccount})
def fail_for_good() -> None:
    raise NoSuchAccount("never")


@task()
def exit_process() -> None:
    raise SystemExit("This task wants to exit.")


@task(max_attempts=1)
def die() -> None:
    os._exit(3)


@task()
def return_what_json_cannot() -> Any:
    return datetime(2026, 1, 1, tzinfo=UTC)


@task()
def echo(*args: Any, **kwargs: Any) -> Any:
    return [args, kwargs]


@task(max_attempts=1)
def hang() -> None:
    time.sleep(600)


@task(timeout=timedelta(seconds=0.3), max_attempts=1)
def hang_too_long() -> None:
    time.sleep(600)


@task(unique=lambda call: str(call.kwargs["coach"]), label="Weekly letter")
def write_letter(*, coach: int) -> int:
    return coach


@task(
    unique=Unique(by=("args",)),
    concurrency=Concurrency(limit=2),
    max_attempts=7,
    timeout=timedelta(minutes=1),
    max_postponements=4,
    retention={Status.SUCCEEDED: timedelta(days=1)},
)
def have_all_options(number: int) -> None:
    return None


@task(backend="immediate")
def not_ours() -> None:
    return None


def no_task() -> None:
    return None


@task(max_attempts=2, backoff=fixed(0.05, jitter=0))
def signalled(*, should_fail: bool) -> None:
    """What the receivers below hear about it is in its log lines."""
    if should_fail:
        raise ValueError("no")


@task(max_attempts=2, backoff=fixed(0.05, jitter=0))
async def signalled_async(*, should_fail: bool) -> None:
    if should_fail:
        raise ValueError("no")


def _log_news(name: str) -> Any:
    def hear(sender: type, task_result: Any, **_: Any) -> None:
        if task_result.task.name.startswith("signalled"):
            log.info("%s %s %s %s", name, sender.__name__, task_result.status, task_result.attempts)
            raise ValueError("A receiver that fails is nobody's affair.")

    return hear


task_started.connect(_log_news("started"), weak=False)
task_finished.connect(_log_news("finished"), weak=False)
