"""The web server as a process of its own, as it runs in production."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import requests

from jobqueue.executor.process import die_with_parent
from tests.jobqueue.worker.processes import ROOT, environment
from tests.jobqueue.worker.waiting import eventually

_HOST = "127.0.0.1"
_TIMEOUT = 10  # seconds


class Site:
    """Gunicorn with two threads over the tests' database; ends with its `with`."""

    def __init__(self, log: Path, variables: Mapping[str, str]) -> None:
        port = _free_port()
        self.address = f"http://{_HOST}:{port}"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "coachdash.wsgi", "--bind", f"{_HOST}:{port}"),
                    *("--workers", "1", "--threads", "4", "--no-control-socket"),
                ],
                cwd=ROOT,
                env={**os.environ, **environment(), **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509  also if the tests are killed
            )

    def wait_until_ready(self) -> None:
        """Until it answers."""
        eventually(self._answers, "the web server answers")

    def end(self) -> None:
        """Stop it."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def _answers(self) -> bool:
        assert self._process.poll() is None, "The web server ended before it was ready."
        try:
            return requests.get(f"{self.address}/login/", timeout=_TIMEOUT).ok
        except (requests.ConnectionError, requests.Timeout):  # a busy machine takes its time
            return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        port: int = listener.getsockname()[1]
    return port
