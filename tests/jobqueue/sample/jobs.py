"""Handlers for tests."""

import hashlib
import logging
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

from django.db import connection

from jobqueue.exceptions import CancelJob, PermanentError, RetryLater
from jobqueue.registry import JobContext, Payload, fixed, job_handler


class Number(Payload, frozen=True):
    number: int = 0


class Seconds(Payload, frozen=True):
    seconds: float = 0.0


class Text(Payload, frozen=True):
    text: str = ""


@job_handler("noop")
def noop(job: JobContext) -> None:
    return None


@job_handler("add_one")
def add_one(job: JobContext, payload: Number) -> dict[str, int]:
    return {"number": payload.number + 1}


@job_handler("nap", max_attempts=3, backoff=fixed(0.1))
def nap(job: JobContext, payload: Seconds) -> None:
    time.sleep(payload.seconds)


@job_handler("note_run", max_attempts=5, backoff=fixed(0.1))
def note_run(job: JobContext, payload: Seconds) -> None:
    """Leaves a row per execution in a table of the test's own, then sleeps."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO runs (job_id, pid) VALUES (%s, %s)", [job.id, os.getpid()])
    time.sleep(payload.seconds)


@job_handler("fail_until", max_attempts=3, backoff=fixed(0.05, jitter=0))
def fail_until(job: JobContext, payload: Number) -> str:
    if job.attempt < payload.number:
        raise ValueError(f"attempt {job.attempt} is too early")
    return f"attempt {job.attempt}"


@job_handler("refuse")
def refuse(job: JobContext) -> None:
    raise PermanentError("NOT_FOUND", "There is no such thing.")


@job_handler("postpone")
def postpone(job: JobContext) -> None:
    raise RetryLater(timedelta(hours=1), "The platform asks for patience.")


@job_handler("give_up")
def give_up(job: JobContext) -> None:
    raise CancelJob("Nothing to do.")


@job_handler("busy_loop", max_attempts=1, timeout=timedelta(seconds=0.3))
def busy_loop(job: JobContext) -> None:
    while True:
        pass


@job_handler("busy_in_c", max_attempts=1, timeout=timedelta(seconds=0.3))
def busy_in_c(job: JobContext) -> None:
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 500_000_000)


@job_handler("swallow", max_attempts=1, timeout=timedelta(seconds=0.3))
def swallow(job: JobContext) -> str:
    until = time.monotonic() + 1
    while time.monotonic() < until:
        try:
            time.sleep(0.05)
        except BaseException:  # noqa: BLE001, S110, SIM105
            pass
    return "as if nothing had been"


@job_handler("hang", max_attempts=2, timeout=timedelta(minutes=5))
def hang(job: JobContext) -> None:
    job.progress(1, 2, "hanging")
    time.sleep(300)


@job_handler("exit_hard", max_attempts=1)
def exit_hard(job: JobContext) -> None:
    os._exit(3)


@job_handler("sys_exit", max_attempts=1)
def sys_exit(job: JobContext) -> None:
    sys.exit("bye")


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@job_handler("mute_error", max_attempts=1)
def mute_error(job: JobContext) -> None:
    raise MuteError


@job_handler("bad_result", max_attempts=1)
def bad_result(job: JobContext, payload: Text) -> Any:
    return {
        "object": object(),
        "nul": "a\0b",
        "surrogate": "\ud800",
        "huge": "x" * 5_000_000,
        "deep": _nested(3_000),
        "set": {1},
    }[payload.text]


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@job_handler("nul_error", max_attempts=1)
def nul_error(job: JobContext) -> None:
    raise ValueError("a\0b \ud800")


@job_handler("chatty")
def chatty(job: JobContext, payload: Number) -> None:
    for number in range(payload.number):
        logging.getLogger("somebody.else").info("line %d", number)


@job_handler("steps", max_attempts=3, backoff=fixed(0.05))
def steps(job: JobContext, payload: Number) -> dict[str, Any]:
    """Dies once in the middle and resumes from its checkpoint."""
    begun_at = (job.checkpointed or {"next": 0})["next"]
    for number in range(begun_at, payload.number):
        job.progress(number, payload.number)
        job.checkpoint({"next": number + 1})
        if number == payload.number // 2 and job.attempt == 1:
            time.sleep(0.1)
            os._exit(1)
    return {"began_at": begun_at, "attempt": job.attempt}


@job_handler("leave_transaction_open")
def leave_transaction_open(job: JobContext) -> None:
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@job_handler("fork_grandchild", max_attempts=1, timeout=timedelta(seconds=0.5))
def fork_grandchild(job: JobContext, payload: Text) -> None:
    grandchild = subprocess.Popen(["sleep", "300"])
    job.log.info("grandchild %d", grandchild.pid)
    job.progress(0, 1, str(grandchild.pid))
    while True:
        try:
            time.sleep(1)
        except BaseException:  # noqa: BLE001, S110, SIM105
            pass


@job_handler("spawn_child_job")
def spawn_child_job(job: JobContext, payload: Number) -> str:
    return str(job.enqueue("add_one", {"number": payload.number}))


@job_handler("only_once", unique=lambda payload: f"only:{payload.number}")
def only_once(job: JobContext, payload: Number) -> None:
    return None
