"""Impatient clients, two cycles at once, and kill -9."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.audit import Actor
from jobqueue.cycles import CycleResult, record, run_cycle
from jobqueue.models import AuditEntry, Job, WorkerCycle
from jobqueue.models.worker_cycle import CycleSource, CycleStatus
from jobqueue.states import Status
from tests.jobqueue.factories import make_worker
from tests.jobqueue.threads import in_threads
from tests.jobqueue.worker.outcomes import ended
from tests.jobqueue.worker.waiting import eventually

MANUAL, HTTP = CycleSource.MANUAL, CycleSource.HTTP


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    eventually(lambda: not WorkerCycle.objects.filter(finished_at=None).exists(), "every cycle has an end")


def patience(settings: Settings, seconds: float) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "CYCLE_WAIT_SECONDS": seconds}


def test_a_cycle_goes_on_when_the_wait_is_over(alice: Actor, settings: Settings) -> None:
    patience(settings, 0.1)
    id_ = enqueue("nap", {"seconds": 2.0}).id

    result = run_cycle(1, MANUAL, alice)

    assert (result.status, result.is_running, result.processed) == ("ok", True, 0)
    assert result.message == "Still running, and it goes on: no job has run so far."
    assert ended(id_).status == Status.SUCCEEDED
    eventually(WorkerCycle.objects.filter(status="ok", succeeded=1).exists, "it tells of its end")


def test_tells_while_it_runs_what_it_has_done(alice: Actor, settings: Settings) -> None:
    patience(settings, 0.1)
    enqueue("noop")
    enqueue("nap", {"seconds": 4.0})

    result = run_cycle(2, MANUAL, alice)

    assert result.is_running
    still = WorkerCycle.objects.filter(finished_at=None)
    eventually(still.filter(succeeded=1, processed=1).exists, "its row tells of the first job")


def test_no_more_than_so_many_run_at_once(alice: Actor, settings: Settings) -> None:
    patience(settings, 0.1)
    enqueue_many([NewJob(task_type="nap", payload={"seconds": 3.0})] * 5)
    for _ in range(2):
        assert run_cycle(1, MANUAL, alice).is_running

    refused = run_cycle(1, MANUAL, alice)

    assert (refused.cycle, refused.status, refused.processed) == (None, "ok", 0)
    assert "no further one was started" in refused.message
    assert WorkerCycle.objects.count() == 2
    assert AuditEntry.objects.filter(is_refused=True).count() == 1


def test_two_at_the_same_time_share_the_jobs(machine: Actor) -> None:
    ids = enqueue_many([NewJob(task_type="nap", payload={"seconds": 0.2})] * 6)
    results = in_threads(2, lambda _: run_cycle(3, HTTP, machine))

    ran = [job.job_id for result in results for job in result.results]
    assert len(ran) == len(set(ran)) == 6
    assert Job.objects.filter(status=Status.SUCCEEDED).count() == len(ids)


@pytest.mark.fault
def test_a_killed_worker_is_seen_and_its_job_rescued_at_once(alice: Actor) -> None:
    id_ = enqueue("nap", {"seconds": 60.0}).id
    told: list[CycleResult] = []

    def ask() -> None:
        told.append(run_cycle(1, MANUAL, alice))
        connection.close()

    asking = threading.Thread(target=ask)
    asking.start()
    eventually(Job.objects.filter(pk=id_, started_at__isnull=False).exists, "the job runs")
    os.kill(WorkerCycle.objects.get().pid or 0, signal.SIGKILL)
    asking.join(60)

    assert told[0].status == "failed"
    assert told[0].message == "The worker was killed by signal 9."
    assert Job.objects.get(pk=id_).status == Status.RETRYING
    assert WorkerCycle.objects.get().status_code == 500


_ASK = """
import django; django.setup()
from jobqueue.audit import Actor
from jobqueue.cycles import run_cycle
from jobqueue.models.worker_cycle import CycleSource, CycleStatus
run_cycle(1, CycleSource.HTTP, Actor.of_shell())
"""


@pytest.mark.fault
def test_a_cycle_outlives_the_web_process_that_started_it() -> None:
    id_ = enqueue("nap", {"seconds": 1.0}).id
    web = subprocess.Popen([sys.executable, "-c", _ASK], start_new_session=True)
    eventually(Job.objects.filter(pk=id_, started_at__isnull=False).exists, "the job runs")
    os.killpg(web.pid, signal.SIGKILL)
    web.wait()

    assert ended(id_).status == Status.SUCCEEDED
    eventually(WorkerCycle.objects.filter(status="ok", succeeded=1).exists, "it tells of its end")


class TestNobodyIsLeftToTell:
    """Who asked and who worked are both dead."""

    def test_of_a_worker_that_was_lost(self) -> None:
        lost = make_worker(lost_at=timezone.now())
        WorkerCycle.objects.create(source=HTTP, worker=lost, pid=1, processed=2)

        assert record.end_abandoned() == 1
        cycle = WorkerCycle.objects.get()
        assert (cycle.status, cycle.status_code, cycle.processed) == ("failed", 500, 2)
        assert "Its process is gone" in cycle.message

    def test_of_a_process_that_never_began(self) -> None:
        WorkerCycle.objects.create(source=HTTP, started_at=timezone.now() - timedelta(minutes=6))

        assert record.end_abandoned() == 1

    def test_but_a_cycle_that_runs_or_starts_is_left_alone(self) -> None:
        WorkerCycle.objects.create(source=HTTP, worker=make_worker(), pid=1)
        WorkerCycle.objects.create(source=HTTP)

        assert record.end_abandoned() == 0
        WorkerCycle.objects.all().delete()

    def test_what_has_ended_does_not_end_again_nor_begin(self) -> None:
        cycle = WorkerCycle.objects.create(source=HTTP, started_at=timezone.now() - timedelta(minutes=6))
        record.end_abandoned()

        assert not record.adopt(cycle.pk)
        assert not record.end(cycle.pk, CycleStatus.OK, "again")
