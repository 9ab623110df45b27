"""`run_scheduler`: the scheduler as a process of its own; and a worker without one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from jobqueue.executor.process import die_with_parent
from jobqueue.models import Alert, Job, SchedulerBeat
from jobqueue.models.scheduler_beat import TickSource

from .conftest import StartWorker
from .processes import ROOT, environment
from .scheduling import make_due, runs_of, scheduled
from .waiting import eventually

pytestmark = pytest.mark.usefixtures("database")

_CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s
"""
_NAME = "the lone scheduler of a test"


def _start(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "run_scheduler", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment(), "PGAPPNAME": _NAME, "JOB_QUEUE_OVERRIDES": json.dumps({})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509  also if the tests are killed
        )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "scheduler.log"


@pytest.fixture
def scheduler(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = _start(log)
    try:
        eventually(lambda: "Scheduling." in log.read_text(), "it is at work")
        yield process
    finally:
        process.kill()
        process.wait()
        print(log.read_text())
        Job.objects.all().delete()


def test_it_fires_what_becomes_due(scheduler: subprocess.Popen[bytes]) -> None:
    with scheduled() as schedule:
        for _ in range(3):
            make_due(schedule)
            unfinished = Job.objects.filter(schedule=schedule, finished_at=None)
            eventually(unfinished.exists, "its job is there")
            unfinished.update(status="succeeded", finished_at=schedule.created_at)

        assert Job.objects.filter(schedule=schedule).count() == 3


def test_it_says_that_it_is_there(scheduler: subprocess.Popen[bytes]) -> None:
    own = SchedulerBeat.objects.filter(holder__endswith=f":{scheduler.pid}")
    eventually(own.exists, "it has beaten")

    assert own.get().source == TickSource.RUN_SCHEDULER


def _cut() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_CUT, [_NAME])
        ((number,),) = cursor.fetchall()
    return int(number)


def test_it_goes_on_after_its_connection_was_cut(scheduler: subprocess.Popen[bytes], log: Path) -> None:
    eventually(_cut, "it has a connection, and loses it")  # its thread may not have one yet
    with scheduled() as schedule:
        make_due(schedule)
        eventually(Job.objects.filter(schedule=schedule).exists, "its job is there")

    assert scheduler.poll() is None
    assert "the database failed" in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_asked(scheduler: subprocess.Popen[bytes], number: int) -> None:
    scheduler.send_signal(number)
    eventually(lambda: scheduler.poll() is not None, "it ends")

    assert scheduler.returncode == 0


def test_once_it_fires_what_is_due_and_ends(log: Path) -> None:
    with scheduled() as schedule, scheduled(name="late", task_type="gone") as late:
        make_due(schedule)
        late.grace = late.jitter
        late.save()
        make_due(late)

        process = _start(log, "--once")
        eventually(lambda: process.poll() is not None, "it ends")

        assert (process.returncode, log.read_text().splitlines()[-1]) == (0, "1 job enqueued.")
        assert Job.objects.get(schedule=schedule).status == "pending"
        assert "knows its task type gone" in Alert.objects.get().message
        Job.objects.all().delete()


def test_a_worker_without_a_scheduler_fires_nothing_but_runs_what_is_enqueued(start_worker: StartWorker) -> None:
    SchedulerBeat.objects.all().delete()
    start_worker("--no-scheduler")
    with scheduled(name="due") as due, scheduled(name="fired by somebody else") as other:
        make_due(due)
        Job.objects.create(task_type="nap", payload={"seconds": 2.5}, schedule=other, occurrence=timezone.now())

        runs_of(other, 1)

        assert not Job.objects.filter(schedule=due).exists()
        assert not SchedulerBeat.objects.exists()
