"""The worker and the simulator as processes of their own, for the length of a benchmark."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from jobqueue.models import Worker

_ROOT = Path(__file__).parents[2]
_PATIENCE = 30.0


@contextmanager
def worker(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[psutil.Process]:
    """`manage.py run_worker`, once it has registered; stopped in good order."""
    before = Worker.objects.count()
    with _manage("run_worker", *arguments, environment=environment) as process:
        _until(lambda: Worker.objects.count() > before, "the worker")
        yield process


@contextmanager
def simulator(port: int, *arguments: str) -> Iterator[None]:
    """`manage.py gameplatform_simulator`, once it listens."""
    with _manage("gameplatform_simulator", "--port", str(port), *arguments) as process:
        _until(lambda: any(c.status == "LISTEN" for c in process.net_connections()), "the simulator")
        yield


@contextmanager
def _manage(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[psutil.Process]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=_ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not start")
        time.sleep(0.02)
