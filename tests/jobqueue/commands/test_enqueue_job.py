"""enqueue_job: every option reaches the job, and the exit status tells how it ended."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from jobqueue.models import AuditEntry, Job
from jobqueue.states import Priority, Status
from tests.jobqueue.factories import make_job
from tests.jobqueue.worker.processes import WorkerProcess

from .conftest import Shell, ended, start


def test_a_job_is_enqueued_with_its_task_types_own_options(shell: Shell) -> None:
    said = shell("enqueue_job", "add_one", "--payload", '{"number": 41}')

    job = Job.objects.get()
    assert (said.status, said.out) == (0, f"Enqueued {job.pk}\n")
    assert (job.task_type, job.payload, job.queue, job.max_attempts) == ("add_one", {"number": 41}, "default", 5)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("JOB_CREATE", str(job.pk))


def test_every_option_reaches_the_job(shell: Shell) -> None:
    parent = make_job(Status.RUNNING)
    options = (
        f"--delay 1h --priority high --queue emails --depends-on {parent.short_id} --on-failure run --unique-key u "
        "--concurrency-key c --concurrency-limit 3 --deadline 2h --max-attempts 7 --timeout 90s --tag a --tag b"
    )

    said = shell("enqueue_job", "noop", *options.split())

    assert said.err == ""
    job = Job.objects.exclude(pk=parent.pk).get()
    assert (job.priority, job.queue, job.unique_key, job.tags) == (Priority.HIGH, "emails", "u", ["a", "b"])
    assert (job.concurrency_key, job.concurrency_limit, job.blockers) == ("c", 3, 1)
    assert (job.max_attempts, job.timeout) == (7, timedelta(seconds=90))
    assert job.run_at > timezone.now() + timedelta(minutes=59)
    assert job.deadline is not None
    assert job.deadline > timezone.now() + timedelta(minutes=119)
    assert [(edge.parent_id, edge.on_failure) for edge in job.dependencies.all()] == [(parent.pk, "run")]


def test_a_time_without_a_zone_is_in_the_zone_of_the_settings(shell: Shell) -> None:
    assert shell("enqueue_job", "noop", "--run-at", "2030-12-24T18:00").status == 0
    assert Job.objects.get().run_at.isoformat() == "2030-12-24T18:00:00+00:00"


def test_a_taken_unique_key_gives_the_job_that_has_it(shell: Shell) -> None:
    first = shell("enqueue_job", "noop", "--unique-key", "k", "--json").json
    second = shell("enqueue_job", "noop", "--unique-key", "k", "--json").json

    assert first == {"id": str(Job.objects.get().pk), "created": True}
    assert second == {**first, "created": False}
    assert "Joined the unfinished job" in shell("enqueue_job", "noop", "--unique-key", "k").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "Unknown task type 'nope'"),
        (["add_one", "--payload", '{"number": "many"}'], "Invalid payload for 'add_one'"),
        (["add_one", "--payload", "[1]"], "expected a JSON object"),
        (["add_one", "--payload", "{"], "this is not JSON"),
        (["add_one", "--payload", "[" * 100_000], "this is not JSON"),
        (["noop", "--delay", "soon"], "such as 90s, 5m, 2h or 14d"),
        (["noop", "--delay", "999999999d"], "delay"),
        (["noop", "--deadline", "999999999d"], "too long"),
        (["noop", "--run-at", "tomorrow"], "ISO 8601"),
        (["noop", "--run-at", "2030-01-01", "--delay", "1s"], "not allowed with"),
        (["noop", "--priority", "urgent"], "LOW, NORMAL, HIGH, CRITICAL"),
        (["noop", "--max-attempts", "0"], "whole number from 1"),
        (["noop", "--max-attempts", "99999999999999999999"], "whole number from 1"),
        (["noop", "--timeout", "0s"], "timeout"),
        (["noop", "--queue", ""], "queue"),
        (["noop", "--depends-on", "01936d2a-0000-7000-8000-000000000000"], "no job"),
        (["noop", "--depends-on", "x"], "expected a UUID"),
        (["noop", "--on-failure", "shrug"], "invalid choice"),
        (["noop", "--concurrency-key", "k", "--concurrency-limit", "99999"], "concurrency_limit"),
        ([], "TYPE"),
    ],
)
def test_wrong_use_is_told_in_a_sentence_and_enqueues_nothing(
    arguments: list[str], sentence: str, shell: Shell
) -> None:
    said = shell("enqueue_job", *arguments)

    assert said.status == 2
    assert sentence in said.err
    assert said.out == ""
    assert not Job.objects.exists()


def test_waiting_tells_the_outcome_by_the_exit_status(transactional_db: None, tmp_path: Path) -> None:
    worker = WorkerProcess(tmp_path / "worker.log")
    try:
        good = start("enqueue_job", "add_one", "--payload", '{"number": 41}', "--wait")
        bad = start("enqueue_job", "refuse", "--wait")
        for_scripts = start("enqueue_job", "add_one", "--wait", "--json")
        said, refused, answered = ended(good), ended(bad), ended(for_scripts)
    finally:
        worker.end()

    assert said.status == 0
    assert said.out.splitlines()[0].startswith("Enqueued ")
    assert '"number": 42' in said.out
    assert refused.status == 1
    assert "CommandError: The job ended failed: NOT_FOUND There is no such thing." in refused.err
    assert "%|" not in said.err  # a bar is for terminals
    assert (answered.status, answered.json["status"], answered.json["result"]) == (0, "succeeded", {"number": 1})


def test_who_waits_in_vain_is_told_why_and_may_leave(transactional_db: None) -> None:
    process = start("enqueue_job", "noop", "--wait")
    assert process.stderr is not None
    why = process.stderr.readline()
    process.send_signal(signal.SIGINT)

    said = ended(process)

    assert why == "No worker is running: start one with manage.py run_worker.\n"
    assert (said.status, said.err) == (1, "CommandError: No longer watching; the job goes on.\n")
    assert Job.objects.get().status == Status.PENDING
