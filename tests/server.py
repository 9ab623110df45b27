"""The site as it is served: gunicorn on a socket, over the test's database."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.jobqueue.worker.processes import ROOT, environment

_PATIENCE = 60.0
# A line longer than gunicorn's 4,094 bytes is for us to refuse, in JSON.
_OPTIONS = (
    "--worker-class=gthread",
    "--timeout=120",
    "--graceful-timeout=5",
    "--limit-request-line=0",
    "--no-control-socket",
)


@contextmanager
def running(
    log: Path,
    job_queue: Mapping[str, Any],
    *,
    workers: int = 1,
    threads: int = 4,
    variables: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Start it, and stop it in the end; yields its address.

    Args:
        log: where it writes what it says.
        job_queue: overrides of JOB_QUEUE.
        variables: more of the environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "coachdash.wsgi", f"--bind=127.0.0.1:{port}", f"--workers={workers}"]
    own = {"JOB_QUEUE_OVERRIDES": json.dumps(dict(job_queue)), "PYTHONPATH": os.fspath(ROOT)}
    whole = {**os.environ, **environment(), **own, **(variables or {})}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, *_OPTIONS, f"--threads={threads}"], cwd=ROOT, env=whole, stdout=said, stderr=said
        )
        try:
            _wait(process, address, log)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            with urlopen(f"{address}/health/live", timeout=5):  # noqa: S310  our own address
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"The server did not start:\n{log.read_text()[-4000:]}")
