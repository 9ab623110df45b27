"""Async handlers for tests, well-behaved and not."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

from jobqueue.models import Job
from jobqueue.registry import JobContext, Payload, job_handler

_LONG = 300


class Where(Payload, frozen=True):
    where: str = ""


class Summands(Payload, frozen=True):
    summands: list[int] = []


@job_handler("async_sum")
async def async_sum(job: JobContext, payload: Summands) -> dict[str, int]:
    async def given(number: int) -> int:
        await asyncio.sleep(0)
        return number

    job.progress(0, len(payload.summands))
    numbers = await asyncio.gather(*map(given, payload.summands))
    logging.getLogger("somebody.else").info("adding %d numbers", len(numbers))
    job.checkpoint({"added": len(numbers)})
    job.progress(len(numbers), len(numbers), "added")
    return {"sum": sum(numbers)}


@job_handler("async_fail", max_attempts=1)
async def async_fail(job: JobContext) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_refuse())


async def _refuse() -> None:
    raise ValueError("not in this task")


async def _in_sleep(job: JobContext) -> None:
    job.progress(1, 2)
    await asyncio.sleep(_LONG)


async def _in_subtask(job: JobContext) -> None:
    await asyncio.create_task(_in_sleep(job))


async def _in_gather(job: JobContext) -> None:
    await asyncio.gather(_in_sleep(job), asyncio.sleep(_LONG))


async def _in_group(job: JobContext) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.sleep(_LONG))
        tasks.create_task(_in_sleep(job))


async def _in_timeout(job: JobContext) -> None:
    async with asyncio.timeout(_LONG):
        await _in_sleep(job)


async def _in_busy_loop(job: JobContext) -> None:
    job.progress(1, 2)
    while True:
        pass


async def _in_blocking_call(job: JobContext) -> None:
    job.progress(1, 2)
    time.sleep(_LONG)  # what nobody should do


async def _in_busy_subtask(job: JobContext) -> None:
    await asyncio.gather(_in_busy_loop(job), return_exceptions=True)
    await asyncio.sleep(_LONG)


async def _in_check(job: JobContext) -> None:
    job.progress(1, 2)
    while True:
        job.check_cancelled()


async def _in_thread(job: JobContext) -> None:
    await sync_to_async(_napping)(job)


async def _in_pool(job: JobContext) -> None:
    await asyncio.to_thread(_napping, job)


def _napping(job: JobContext) -> None:
    job.progress(1, 2)
    try:
        while True:
            time.sleep(0.01)
    finally:
        job.log.info("the thread has ended")


async def _in_cleaning(job: JobContext) -> None:
    try:
        await _in_sleep(job)
    finally:
        await asyncio.sleep(0.05)
        job.log.info("cleaned up")


async def _in_deafness(job: JobContext) -> str:
    with contextlib.suppress(asyncio.CancelledError):
        await _in_sleep(job)
    return "as if nothing had been"


async def _in_stubbornness(job: JobContext) -> None:
    while True:
        with contextlib.suppress(BaseException):
            await _in_sleep(job)


async def _in_query(job: JobContext) -> None:
    await Job.objects.aget(pk=job.id)
    job.progress(1, 2)
    await sync_to_async(_slow_query)()


async def _in_pool_query(job: JobContext) -> None:
    job.progress(1, 2)
    await asyncio.to_thread(_slow_query)


def _slow_query() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_sleep({_LONG})")


_PLACES: dict[str, Callable[[JobContext], Awaitable[Any]]] = {
    "sleep": _in_sleep,
    "subtask": _in_subtask,
    "gather": _in_gather,
    "group": _in_group,
    "timeout": _in_timeout,
    "busy loop": _in_busy_loop,
    "blocking call": _in_blocking_call,
    "busy subtask": _in_busy_subtask,
    "check": _in_check,
    "thread": _in_thread,
    "pool": _in_pool,
    "cleaning": _in_cleaning,
    "deafness": _in_deafness,
    "stubbornness": _in_stubbornness,
    "query": _in_query,
    "pool query": _in_pool_query,
}


@job_handler("async_hang", timeout=timedelta(minutes=5))
async def async_hang(job: JobContext, payload: Where) -> Any:
    return await _PLACES[payload.where](job)


@job_handler("async_query")
async def async_query(job: JobContext) -> list[int]:
    """Asks the database in every way that async code can, and returns the sessions it used."""
    mine = await Job.objects.aget(pk=job.id)
    sessions = await asyncio.gather(
        sync_to_async(_session)(),
        sync_to_async(_session)(),
        sync_to_async(_session, thread_sensitive=False)(),
        asyncio.to_thread(_session),
    )
    assert mine.task_type == "async_query"
    return list(sessions)


def _session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@job_handler("async_break_transaction")
async def async_break_transaction(job: JobContext) -> None:
    await sync_to_async(_break_transaction)()


def _break_transaction() -> None:
    connection.set_autocommit(False)
    with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@job_handler("async_enqueue", max_attempts=1)
async def async_enqueue(job: JobContext, payload: Where) -> str:
    if payload.where == "thread":
        return str(await sync_to_async(job.enqueue)("noop"))
    return str(job.enqueue("noop"))


@job_handler("async_leave_behind")
async def async_leave_behind(job: JobContext) -> list[str]:
    """Begins a task and a thread and waits for neither; returns what goes on since the job before."""
    before = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    before += [thread.name for thread in threading.enumerate() if thread.name == "left behind"]
    asyncio.create_task(_left_behind(job), name="left behind")  # noqa: RUF006  that is what it is for
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.05)
    await asyncio.sleep(0)
    return before


async def _left_behind(job: JobContext) -> None:
    try:
        await asyncio.sleep(_LONG)
    finally:
        job.log.info("the task has ended")


@job_handler("forget_to_await", max_attempts=3)
def forget_to_await(job: JobContext) -> Any:
    return _refuse()
