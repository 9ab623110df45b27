"""Handlers that do what no handler should."""

import contextlib
import ctypes
import logging
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

import msgspec
from django.db import connection

from jobqueue.exceptions import RetryLater
from jobqueue.registry import JobContext, Payload, job_handler


class Kind(Payload, frozen=True):
    kind: str


@job_handler("exit_hard", max_attempts=1)
def exit_hard(job: JobContext) -> None:
    os._exit(3)


@job_handler("exit_as_if_well", max_attempts=1)
def exit_as_if_well(job: JobContext) -> None:
    os._exit(0)


@job_handler("sys_exit", max_attempts=1)
def sys_exit(job: JobContext) -> None:
    sys.exit("bye")


@job_handler("segfault", max_attempts=1)
def segfault(job: JobContext) -> None:
    ctypes.string_at(0)


@job_handler("recurse", max_attempts=1)
def recurse(job: JobContext) -> None:
    recurse(job)


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class CodelessError(Exception):
    @property
    def error_code(self) -> str:
        raise RuntimeError("no code")


@job_handler("bad_error", max_attempts=1)
def bad_error(job: JobContext, payload: Kind) -> None:
    match payload.kind:
        case "mute":
            raise MuteError
        case "codeless":
            raise CodelessError("the code is missing")
        case "delay":
            raise RetryLater(5, "in a while")  # type: ignore[arg-type]
        case "endless":
            raise ValueError("x" * 5_000_000)
    raise ValueError("a\0b \ud800")


@job_handler("bad_result", max_attempts=1)
def bad_result(job: JobContext, payload: Kind) -> Any:
    match payload.kind:
        case "object":
            return object()
        case "nul":
            return "a\0b"
        case "surrogate":
            return "\ud800"
        case "huge":
            return "x" * 5_000_000
        case "bottomless":
            return _nested(100_000)
        case "deep for the database":
            return msgspec.Raw(b"[" * 100_000 + b"]" * 100_000)
        case "number":
            return msgspec.Raw(b"1e400000")
    return msgspec.Raw(b"no JSON, {")


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@job_handler("bad_note", max_attempts=1)
def bad_note(job: JobContext, payload: Kind) -> str:
    match payload.kind:
        case "progress":
            job.progress(2**63, 2**63, "more than there is")
        case "deep checkpoint":
            job.checkpoint(msgspec.Raw(b"[" * 100_000 + b"]" * 100_000))
        case "broken checkpoint":
            job.checkpoint(msgspec.Raw(b"no JSON, {"))
    job.log.info("and on it goes")
    return "done"


@job_handler("leave_transaction_open")
def leave_transaction_open(job: JobContext) -> None:
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@job_handler("leave_transaction_broken")
def leave_transaction_broken(job: JobContext) -> None:
    connection.set_autocommit(False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
    except Exception:  # noqa: BLE001, S110  this is what it is for
        pass


@job_handler("close_everything", max_attempts=1)
def close_everything(job: JobContext) -> None:
    os.closerange(3, 1_000)


@job_handler("fork_and_return", max_attempts=1)
def fork_and_return(job: JobContext) -> None:
    os.fork()


@job_handler("leave_thread_behind")
def leave_thread_behind(job: JobContext) -> None:
    def chat() -> None:
        for _ in range(20):
            logging.getLogger("thread").info("still here")
            job.progress(1, 2)
            time.sleep(0.01)

    threading.Thread(target=chat).start()


@job_handler("fork_grandchild", max_attempts=1, timeout=timedelta(seconds=0.5))
def fork_grandchild(job: JobContext, payload: Kind) -> None:
    """Starts a process; then hangs, dies or returns."""
    grandchild = subprocess.Popen(["sleep", "300"])
    job.progress(1, 1, str(grandchild.pid))
    if payload.kind == "dies":
        os._exit(1)
    while payload.kind == "hangs":
        with contextlib.suppress(BaseException):
            time.sleep(1)


@job_handler("fork_heir", max_attempts=1)
def fork_heir(job: JobContext) -> None:
    """Dies, but leaves a process with all its open files that no signal to its group reaches."""
    heir = os.fork()
    if heir == 0:
        os.setsid()
        time.sleep(300)
    while os.getpgid(heir) != heir:
        time.sleep(0.01)
    os._exit(1)


_leaked: list[bytearray] = []


@job_handler("leak")
def leak(job: JobContext) -> int:
    _leaked.append(bytearray(os.urandom(1)) * 100_000_000)
    return os.getpid()


@job_handler("measure")
def measure(job: JobContext, payload: Kind) -> int:
    return len(payload.kind)
