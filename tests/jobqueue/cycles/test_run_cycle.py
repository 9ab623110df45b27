"""A cycle on request: run by a process of its own, told in the answer and on record."""

import os
import sys

import pytest
from pytest_django import Settings

from jobqueue import pauses
from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.audit import Actor
from jobqueue.cycles import run_cycle
from jobqueue.exceptions import InvalidOptionError
from jobqueue.models import AuditEntry, Job, Worker, WorkerCycle
from jobqueue.models.pause import PauseScope
from jobqueue.models.worker_cycle import CycleSource, CycleStatus
from jobqueue.states import Status

MANUAL, HTTP = CycleSource.MANUAL, CycleSource.HTTP


def test_runs_no_more_jobs_than_asked_for(alice: Actor) -> None:
    enqueue_many([NewJob(task_type="add_one")] * 7)

    result = run_cycle(5, MANUAL, alice)

    assert (result.status, result.processed, result.succeeded, result.failed) == ("ok", 5, 5, 0)
    assert result.message == "5 jobs have run."
    assert {job.status for job in result.results} == {"succeeded"}
    assert Job.objects.filter(pk__in=[job.job_id for job in result.results], status=Status.SUCCEEDED).count() == 5
    assert Job.objects.filter(status=Status.PENDING).count() == 2


def test_is_on_record_with_its_process(machine: Actor) -> None:
    enqueue("noop")

    result = run_cycle(1, HTTP, machine)

    cycle = WorkerCycle.objects.get()
    assert (cycle.pk, cycle.source, cycle.started_by, cycle.limit) == (result.cycle, "http", "job runner", 1)
    assert (cycle.status, cycle.status_code, cycle.claimed, cycle.processed) == ("ok", 200, 1, 1)
    assert cycle.finished_at is not None
    worker = Worker.objects.get()
    assert cycle.worker_id == worker.pk
    assert (worker.pid, worker.stopped_at is not None) == (cycle.pid, True)
    assert cycle.pid != os.getpid()


def test_tells_the_errors_of_the_jobs(alice: Actor) -> None:
    id_ = enqueue("refuse").id
    enqueue("noop")

    result = run_cycle(2, MANUAL, alice)

    assert (result.status, result.processed, result.failed) == ("ok", 2, 1)
    assert result.message == "2 jobs have run, 1 of them failed."
    (failed,) = [job for job in result.results if job.outcome == "error"]
    assert (failed.job_id, failed.task_type, failed.status) == (id_, "refuse", "failed")
    assert (failed.code, failed.message) == ("NOT_FOUND", "There is no such thing.")
    assert [told["jobId"] for told in WorkerCycle.objects.get().errors] == [str(id_)]


def test_a_job_that_kills_its_process_does_not_hurt_who_asked(alice: Actor) -> None:
    enqueue("exit_hard", max_attempts=1)

    result = run_cycle(1, MANUAL, alice)

    assert (result.status, result.processed, result.failed) == ("ok", 1, 1)
    assert result.results[0].outcome == "killed"


def test_nothing_due_is_no_failure(machine: Actor) -> None:
    result = run_cycle(5, HTTP, machine)

    assert (result.status, result.processed, result.message) == ("ok", 0, "No job has run.")


@pytest.mark.parametrize("limit", [0, -1, 11])
def test_an_impossible_limit_is_refused_and_nothing_is_run(alice: Actor, limit: int) -> None:
    enqueue("noop")

    with pytest.raises(InvalidOptionError, match="expected a whole number from 1 to 10"):
        run_cycle(limit, MANUAL, alice)
    assert not WorkerCycle.objects.exists()
    assert not AuditEntry.objects.exists()


class TestStopped:
    def test_by_a_pause_runs_nothing_and_says_why(self, alice: Actor) -> None:
        pauses.pause(reason="maintenance until nine")
        enqueue("noop")

        result = run_cycle(5, MANUAL, alice)

        assert (result.status, result.processed) == ("paused", 0)
        assert result.message == "Everything is paused: maintenance until nine"
        assert WorkerCycle.objects.get().status_code == 200
        assert Job.objects.get().status == Status.PENDING

    def test_by_a_pause_runs_if_forced(self, alice: Actor) -> None:
        pauses.pause(reason="maintenance")
        enqueue("noop")

        result = run_cycle(5, MANUAL, alice, force=True)

        assert (result.status, result.succeeded) == ("ok", 1)
        assert AuditEntry.objects.get().after == {"limit": 5, "force": True}

    def test_force_leaves_a_paused_queue_alone(self, alice: Actor) -> None:
        pauses.pause(reason="the mail server is away", scope=PauseScope.QUEUE, name="mail")
        enqueue("noop", queue="mail")

        assert run_cycle(5, MANUAL, alice, force=True).processed == 0

    def test_by_the_environment_starts_no_process_even_if_forced(self, alice: Actor, settings: Settings) -> None:
        settings.JOB_QUEUE = {**settings.JOB_QUEUE, "DISABLED": True}
        enqueue("noop")

        result = run_cycle(5, MANUAL, alice, force=True)

        assert (result.status, result.processed) == ("disabled", 0)
        assert "JOB_QUEUE_DISABLED" in result.message
        assert WorkerCycle.objects.get().status_code == 503
        assert not Worker.objects.exists()


class TestAudit:
    def test_says_what_a_person_ran(self, alice: Actor) -> None:
        result = run_cycle(3, MANUAL, alice)

        entry = AuditEntry.objects.get()
        assert (entry.action, entry.actor, entry.object_id) == ("WORKER_RUN", "alice", str(result.cycle))
        assert entry.after == {"limit": 3, "force": False}

    def test_is_silent_about_the_clock_of_a_machine(self, machine: Actor) -> None:
        run_cycle(3, HTTP, machine)

        assert not AuditEntry.objects.exists()


class TestAProcessThatCannotStart:
    def test_is_a_failure_that_says_why(self, alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/no/such/python")

        result = run_cycle(1, MANUAL, alice)

        assert (result.status, result.message) == (
            "failed",
            "The worker cannot be started: No such file or directory.",
        )
        assert WorkerCycle.objects.get().status == CycleStatus.FAILED

    def test_or_ends_with_an_error_tells_its_last_words(self, alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JOB_QUEUE_OVERRIDES", "no JSON")

        result = run_cycle(1, MANUAL, alice)

        assert result.status == "failed"
        assert result.message.startswith("The worker ended with exit status 1: json.decoder.JSONDecodeError")
        assert WorkerCycle.objects.get().status_code == 500
