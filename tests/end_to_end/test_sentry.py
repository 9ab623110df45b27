"""Failures that nobody will retry reach Sentry; nothing secret does; and without a DSN nothing is even imported."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from jobqueue.states import Status
from tests.jobqueue.worker.outcomes import run
from tests.jobqueue.worker.processes import ROOT, WorkerProcess, environment
from tests.jobqueue.worker.waiting import eventually

from .sentry import Sentry, sentry

pytestmark = pytest.mark.django_db(transaction=True)

type Start = Callable[[], WorkerProcess]

_SECRET = "k3y of the kingdom"


@pytest.fixture
def inbox() -> Iterator[Sentry]:
    with sentry() as found:
        yield found


@pytest.fixture
def worker(transactional_db: None, inbox: Sentry, tmp_path: Path) -> Iterator[WorkerProcess]:
    """One that reports to this Sentry."""
    with ExitStack() as ends:
        worker = WorkerProcess(tmp_path / "worker.log", variables={"SENTRY_DSN": inbox.dsn})
        ends.callback(lambda: print(worker.log.read_text()))
        ends.callback(worker.end)
        worker.wait_until_ready()
        yield worker


def event_of(inbox: Sentry, job_id: object) -> dict[str, Any]:
    """The event about a job, once it has come."""

    def found() -> list[dict[str, Any]]:
        return [event for event in inbox.events if event.get("tags", {}).get("job_id") == str(job_id)]

    eventually(found, "the event comes")
    (event,) = found()
    return event


def test_a_job_that_failed_for_good_is_an_event_with_its_id_type_and_attempt(
    worker: WorkerProcess, inbox: Sentry
) -> None:
    job = run("tell_secrets", {"name": "alice", "apiToken": _SECRET})

    event = event_of(inbox, job.pk)
    assert event["tags"] == {
        "job_runner": "true",
        "job_id": str(job.pk),
        "job_type": "tell_secrets",
        "job_status": "dead",
        "attempt": "1",
        "error_code": "TOLD",
    }
    (raised,) = event["exception"]["values"]
    assert raised["type"] == "TellingError"
    assert any(frame["function"] == "tell_secrets" for frame in raised["stacktrace"]["frames"])
    assert not any("vars" in frame for frame in raised["stacktrace"]["frames"])
    assert not any(_SECRET in text for text in inbox.texts)


def test_a_job_whose_process_died_is_an_event_of_the_supervisor(worker: WorkerProcess, inbox: Sentry) -> None:
    job = run("exit_hard")

    event = event_of(inbox, job.pk)
    assert event["tags"]["error_code"] == "KILLED"
    assert "exit status 3" in event["message"]


def test_an_attempt_that_will_be_followed_by_another_is_none(worker: WorkerProcess, inbox: Sentry) -> None:
    assert run("fail_until", {"number": 3}).status == Status.SUCCEEDED
    last = run("refuse")

    event_of(inbox, last.pk)
    assert [event["tags"]["job_id"] for event in inbox.events] == [str(last.pk)]


def test_a_sentry_that_is_away_holds_nobody_up_for_long(tmp_path: Path, transactional_db: None) -> None:
    worker = WorkerProcess(tmp_path / "worker.log", variables={"SENTRY_DSN": "http://abc@127.0.0.1:1/7"})
    try:
        worker.wait_until_ready()
        assert [run("refuse").status for _ in range(5)] == [Status.FAILED] * 5
    finally:
        worker.end()


@pytest.mark.parametrize(("dsn", "is_imported"), [("", False), ("https://abc@sentry.example.org/7", True)])
def test_without_a_dsn_nothing_of_it_is_imported(dsn: str, is_imported: bool) -> None:
    program = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": environment()["DJANGO_SETTINGS_MODULE"], "SENTRY_DSN": dsn},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(is_imported)
