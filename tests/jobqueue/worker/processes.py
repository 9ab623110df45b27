"""A real `run_worker` process, seen and treated from outside as an operator would."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import psutil
from django.db import connection

from jobqueue.executor.process import die_with_parent
from jobqueue.models import Worker

from .waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
_MARK = "TEST_WORKER"


class WorkerProcess:
    """A worker with its zygote and children. All of them, and what handlers start, carry its mark."""

    def __init__(
        self, log: Path, arguments: Sequence[str] = (), variables: Mapping[str, str] | None = None, **overrides: float
    ) -> None:
        """Start it.

        Args:
            log: the file that gets all its output.
            arguments: of the command.
            variables: added to the environment.
            overrides: queue settings that differ from those of other tests.
        """
        self.log = log
        self._mark = uuid4().hex
        self._known = set(Worker.objects.values_list("pk", flat=True))
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "run_worker", *arguments],
                cwd=ROOT,
                env={
                    **os.environ,
                    **environment(),
                    **(variables or {}),
                    _MARK: self._mark,
                    "JOB_QUEUE_OVERRIDES": json.dumps(overrides),
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509  also if the tests are killed
            )

    @property
    def id(self) -> UUID:
        """The identity that it has now."""
        return Worker.objects.filter(pid=self.process.pid).exclude(pk__in=self._known).latest("started_at").pk

    def wait_until_ready(self) -> None:
        """Until it is registered and all its children are there."""
        mine = Worker.objects.filter(pid=self.process.pid, started_at__isnull=False).exclude(pk__in=self._known)
        eventually(lambda: self.has_ended() or mine.exists(), "the worker registers")
        assert not self.has_ended(), "The worker ended before it was ready."
        concurrency = mine.latest("started_at").concurrency
        eventually(lambda: len(self.children()) >= concurrency, "its children are there")

    def zygote(self) -> psutil.Process:
        """The process that forks the children."""
        (zygote,) = psutil.Process(self.process.pid).children()
        return zygote

    def children(self) -> list[psutil.Process]:
        """The executor processes that live now."""
        try:
            found = [child for zygote in psutil.Process(self.process.pid).children() for child in zygote.children()]
        except psutil.NoSuchProcess:
            return []
        return [child for child in found if _lives(child)]

    def everything(self) -> list[psutil.Process]:
        """All processes that began with this worker, also those that lost their parents."""
        return [process for process in psutil.process_iter() if self._is_mine(process)]

    def strays(self) -> list[psutil.Process]:
        """What handlers started and left behind."""
        known = {self.process.pid, self.zygote().pid, *(child.pid for child in self.children())}
        return [process for process in self.everything() if process.pid not in known]

    def signal(self, number: int) -> None:
        """Signal the supervisor alone."""
        os.kill(self.process.pid, number)

    def signal_all(self, number: int) -> None:
        """Signal the supervisor, its zygote and its children."""
        for process in self.everything():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def has_ended(self) -> bool:
        """Whether the supervisor is gone."""
        return self.process.poll() is not None

    def wait(self) -> int:
        """Until it ends; returns its exit status, negative for a signal."""
        eventually(self.has_ended, "the worker ends")
        return self.process.returncode

    def wait_until_gone(self) -> None:
        """Until nothing of it is left, nor of what its jobs started."""
        eventually(lambda: not self.everything(), "no process of the worker is left")

    def end(self) -> None:
        """Stop it if it runs, the impatient way, and see that nothing of it is left."""
        try:
            eventually(self._ends_when_asked, "the worker ends")
            self.wait_until_gone()
        finally:
            for process in self.everything():
                process.kill()
            self.process.wait(10)

    def _ends_when_asked(self) -> bool:
        if not self.has_ended():
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        return self.has_ended()

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(_MARK) == self._mark and _lives(process)
        except psutil.Error:
            return False


def environment() -> dict[str, str]:
    """What a process needs to find the settings and the database of the tests."""
    return {
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "tests.settings"),
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "PYTHONUNBUFFERED": "1",
    }


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
