"""Processes that use a cluster, and what the system says about them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from coachdash import postgres
from coachdash.postgres.paths import CHECKOUT

_USE = """
import sys
from pathlib import Path
from coachdash import postgres
try:
    postgres.ensure_running(Path(sys.argv[1]), fast=True)
except postgres.PostgresError as error:
    sys.exit(f"{error}")
print("ready", flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses a cluster until it is ended or killed."""

    def __init__(
        self, directory: Path, *, checkout: Path = CHECKOUT, prefix: Sequence[str] = (), **variables: str
    ) -> None:
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-c", _USE, str(directory)],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout), **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> bool:
        """Waits until the process says so, or has ended without."""
        assert self.process.stdout is not None
        return self.process.stdout.readline() == "ready\n"

    def end(self) -> str:
        """Ends it in order; returns what it printed to stderr."""
        return self.process.communicate()[1]

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def using(directory: Path, **how: Any) -> Iterator[User]:
    """A user that has its server, for as long as the block lasts."""
    user = User(directory, **how)
    try:
        assert user.ready(), user.end()
        yield user
    finally:
        if user.process.poll() is None:
            user.end()


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true; gives up only when something must be broken."""
    until = time.monotonic() + 60
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def server(directory: Path) -> psutil.Process:
    """The running server's process."""
    number = postgres.status(directory).process
    assert number is not None
    return psutil.Process(number)


def keepers(directory: Path) -> list[psutil.Process]:
    """The processes that watch a cluster."""
    watching = ["coachdash.postgres.keeper", str(directory)]
    return [process for process in psutil.process_iter() if _command(process)[-2:] == watching]


def is_gone(directory: Path) -> bool:
    """Whether neither a server nor a keeper is left."""
    return not keepers(directory) and postgres.status(directory).process is None


def query(directory: Path, sql: str) -> Any:
    """The first value of the first row."""
    with connect(directory) as connection:
        row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None


def execute(directory: Path, sql: str) -> None:
    """One statement, committed."""
    with connect(directory) as connection:
        connection.execute(sql.encode())


def connect(directory: Path) -> psycopg.Connection:
    """A connection with Django's settings for the cluster."""
    settings = postgres.django_settings(directory)
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        dbname=settings["NAME"],
        autocommit=True,
    )


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
