"""cleanup_jobs, rescue_jobs, job_health and list_failures."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from jobqueue.executor.process import machine
from jobqueue.models import AuditEntry, Failure, Job, Worker
from jobqueue.pauses import pause
from jobqueue.states import Status
from tests.jobqueue.factories import make_job, make_jobs, make_worker
from tests.jobqueue.threads import beside

from .conftest import Shell


def _old(status: Status, days: int) -> Job:
    return make_job(status, id=f"01000000-0000-7000-8000-{days:04}{Job.objects.count():08}", finished_at=_ago(days))


def _ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def test_cleaning_up_keeps_to_the_retention(shell: Shell) -> None:
    _old(Status.SUCCEEDED, 15)
    _old(Status.FAILED, 15)
    kept = {make_job(Status.SUCCEEDED).pk, Job.objects.get(status=Status.FAILED).pk}

    said = shell("cleanup_jobs")

    assert (said.status, said.out) == (0, "Deleted 1 job: 1 succeeded.\n")
    assert set(Job.objects.values_list("pk", flat=True)) == kept
    entry = AuditEntry.objects.get()
    assert entry.action == "JOBS_CLEANUP"
    assert entry.after is not None
    assert entry.after["deleted"]["succeeded"] == 1


def test_a_dry_run_of_cleaning_up_tells_the_same_numbers_and_deletes_nothing(shell: Shell) -> None:
    _old(Status.SUCCEEDED, 3)
    _old(Status.DEAD, 3)
    _old(Status.CANCELLED, 1)

    dry = shell("cleanup_jobs", "--older-than", "2d", "--dry-run", "--json").json
    assert dry == {"dryRun": True, "deleted": {"succeeded": 1, "failed": 0, "dead": 1, "cancelled": 0}}
    assert Job.objects.count() == 3
    assert not AuditEntry.objects.exists()

    wet = shell("cleanup_jobs", "--older-than", "2d", "--json").json
    assert wet == {**dry, "dryRun": False}
    assert Job.objects.get().status == Status.CANCELLED


def test_cleaning_up_only_some_statuses(shell: Shell) -> None:
    _old(Status.SUCCEEDED, 3)
    _old(Status.DEAD, 3)

    assert shell("cleanup_jobs", "--older-than", "1d", "--status", "dead,failed").out == "Deleted 1 job: 1 dead.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--status", "running"], "are not finished"),
        (["--older-than", "old"], "such as 90s"),
    ],
)
def test_cleaning_up_what_has_not_ended_is_wrong_use(arguments: list[str], sentence: str, shell: Shell) -> None:
    said = shell("cleanup_jobs", *arguments)

    assert said.status == 2
    assert sentence in said.err


def _dead_worker() -> Worker:
    return make_worker(machine=machine(), pid=2**22 - 1, process_started="long ago")


def test_the_jobs_of_a_dead_worker_are_rescued(shell: Shell) -> None:
    worker = _dead_worker()
    make_job(Status.RUNNING, worker=worker)
    make_job(Status.RUNNING, worker=worker, attempts=5, max_attempts=5)
    alive = make_job(Status.RUNNING, worker=make_worker())

    dry = shell("rescue_jobs", "--dry-run")
    assert "Would rescue 2 jobs." in dry.out
    assert Job.objects.running().count() == 3

    said = shell("rescue_jobs", "--json").json

    assert said["workers"] == [
        {"id": str(worker.pk), "process": str(worker), "beatAt": said["workers"][0]["beatAt"], "jobs": 2}
    ]
    assert list(Job.objects.running()) == [alive]
    assert set(Job.objects.exclude(pk=alive.pk).values_list("status", flat=True)) == {Status.RETRYING, Status.DEAD}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.after) == ("WORKERS_RESCUE", str(worker.pk), {"jobs": 2})
    assert shell("rescue_jobs").out == "No worker is lost.\n"


def test_a_silent_worker_is_watched_before_it_is_called_lost(shell: Shell) -> None:
    silent = make_worker(beat_at=_ago(1))
    waking = make_worker(beat_at=_ago(1))
    make_job(Status.RUNNING, worker=silent)
    kept = make_job(Status.RUNNING, worker=waking)
    is_over = threading.Event()

    def beat() -> None:
        # Still as old as an outage leaves it, but another beat each time.
        while not is_over.wait(0.05):
            Worker.objects.filter(pk=waking.pk).update(beat_at=F("beat_at") + timedelta(seconds=1))

    with ThreadPoolExecutor() as pool:
        beating = beside(pool, beat)
        try:
            said = shell("rescue_jobs")
        finally:
            is_over.set()
        beating.result()

    assert "Watching 2 silent workers" in said.err
    assert "Rescued 1 job." in said.out
    assert list(Job.objects.running()) == [kept]


def test_health_is_told_by_the_exit_status(shell: Shell) -> None:
    assert shell("job_health").status == 2
    make_worker()
    healthy = shell("job_health")
    assert (healthy.status, healthy.out.splitlines()[0]) == (0, "Healthy")
    pause(reason="provider down")
    said = shell("job_health")
    assert (said.status, said.out.splitlines()[0]) == (1, "Warning")
    assert "Everything is paused: provider down" in said.out


def test_health_for_scripts_has_every_check(shell: Shell) -> None:
    said = shell("job_health", "--json")

    assert said.status == 2
    assert said.json["status"] == "critical"
    assert set(said.json["checks"]) == {
        "database",
        "worker",
        "workerLastPing",
        "processing",
        "pendingJobs",
        "runningJobs",
        "failedJobs",
        "deadJobs",
        "oldestPendingJob",
        "overdueJobs",
        "stuckJobs",
        "scheduler",
        "schedulerLastTick",
    }
    assert set(said.json["checks"]["worker"]) == {"level", "value", "message"}


def _failure(fingerprint: str, **fields: Any) -> Failure:
    now = timezone.now()
    (job, *_) = make_jobs(2, Status.FAILED, fingerprint=fingerprint)
    given = {"error_code": "TIMEOUT", "error_message": "too slow", "count": 1_234, "task_type": "noop"}
    given |= {"first_seen_at": now, "last_seen_at": now, "last_job_id": job.pk}
    return Failure.objects.create(fingerprint=fingerprint, **{**given, **fields})


def test_failures_are_listed_with_their_counts(shell: Shell) -> None:
    _failure("0" * 16, last_seen_at=_ago(2), task_type="nap", error_code="AUTH_ERROR")
    _failure("1" * 16)

    _, first, second = shell("list_failures").out.splitlines()
    assert first.split()[:5] == ["1" * 16, "noop", "TIMEOUT", "1,234", "2"]
    assert second.startswith("0" * 16)
    for arguments in (["--since", "1d"], ["--type", "noop"], ["--error-code", "TIMEOUT"], ["--limit", "1"]):
        (only,) = shell("list_failures", "--json", *arguments).json["failures"]
        assert only["fingerprint"] == "1" * 16
    assert (only["count"], only["unresolved"], only["unresolvedIsCapped"]) == (1_234, 2, False)
