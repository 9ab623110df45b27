"""retry_job, cancel_job and delete_job: which jobs, what is told before and after, and what they refuse."""

import os
import pty
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from jobqueue.models import AuditEntry, BulkOperation, Job
from jobqueue.models.audit_entry import Channel
from jobqueue.states import Status
from tests.jobqueue.factories import make_job, make_jobs, make_schedule
from tests.jobqueue.worker.processes import ROOT, WorkerProcess

from .conftest import Shell, ended, environment, start

VERBS = ["retry_job", "cancel_job", "delete_job"]


def states() -> list[str]:
    return list(Job.objects.order_by("pk").values_list("status", flat=True))


def test_a_failed_job_is_retried_by_its_id(shell: Shell) -> None:
    job = make_job(Status.FAILED)

    said = shell("retry_job", "--id", str(job.pk), "--reason", "the token is renewed")

    assert (said.status, said.out, said.err) == (0, "1 retried.\n", "")
    assert states() == [Status.PENDING]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.channel, entry.object_id) == ("JOB_RETRY", Channel.CLI, str(job.pk))
    assert entry.reason == "the token is renewed"


def test_a_job_is_known_by_the_short_id_of_lists(shell: Shell) -> None:
    other, job = make_jobs(2, Status.FAILED)

    assert shell("retry_job", "--id", job.short_id).out == "1 retried.\n"
    assert Job.objects.get(pk=other.pk).status == Status.FAILED


def test_a_short_id_of_two_jobs_is_refused_with_both(shell: Shell) -> None:
    first = make_job(Status.FAILED, id="01936d2a-0000-7000-8000-0000abcdef12")
    second = make_job(Status.FAILED, id="01936d2a-0001-7000-8000-0000abcdef12")

    said = shell("retry_job", "--id", "abcdef12")

    assert said.status == 1
    assert str(first.pk) in said.err
    assert str(second.pk) in said.err
    assert states() == [Status.FAILED] * 2


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("id_", "status", "sentence"),
    [
        ("01936d2a-0000-7000-8000-000000000000", 1, "0 "),
        ("0badf00d", 1, "has the short id 0badf00d"),
        ("12", 2, "expected a UUID, or the 8 digits"),
    ],
)
def test_an_unknown_id_is_a_failure(verb: str, id_: str, status: int, sentence: str, shell: Shell) -> None:
    said = shell(verb, "--id", id_, "--yes")

    assert said.status == status
    assert sentence in said.out + said.err


@pytest.mark.parametrize("verb", VERBS)
def test_no_condition_at_all_is_wrong_use(verb: str, shell: Shell) -> None:
    make_job(Status.FAILED)

    said = shell(verb, "--yes")

    assert said.status == 2
    assert "Which jobs?" in said.err
    assert states() == [Status.FAILED]


def test_a_dry_run_tells_the_numbers_and_changes_nothing(shell: Shell) -> None:
    make_jobs(3, Status.FAILED, error_code="TIMEOUT")
    make_jobs(2, Status.FAILED, error_code="AUTH_ERROR")
    make_job(Status.FAILED, finished_at=timezone.now() - timedelta(hours=2))
    make_job(Status.FAILED, task_type="nap")
    before = list(Job.objects.order_by("pk").values())

    said = shell("retry_job", "--type", "noop", "--status", "failed", "--since", "1h", "--dry-run")

    assert said.status == 0
    first, heading, *rows = said.out.splitlines()
    assert first.startswith("Would retry 5 of 5: failed jobs of noop that finished since ")
    assert heading.split() == ["jobs", "task", "type", "status", "error"]
    assert [row.split() for row in rows] == [["3", "noop", "Failed", "TIMEOUT"], ["2", "noop", "Failed", "AUTH_ERROR"]]
    assert list(Job.objects.order_by("pk").values()) == before
    assert not AuditEntry.objects.exists()


def test_a_dry_run_for_scripts_has_the_same_numbers(shell: Shell) -> None:
    make_jobs(2, Status.FAILED, error_code="TIMEOUT")
    make_job(Status.RUNNING)

    answer = shell("retry_job", "--type", "noop", "--dry-run", "--json").json

    assert answer["dryRun"] is True
    assert (answer["verb"], answer["matched"], answer["eligible"], answer["requested"]) == ("retry", 3, 2, 0)
    assert answer["skipped"] == {"running": 1}
    assert {"taskType": "noop", "status": "failed", "errorCode": "TIMEOUT", "count": 2} in answer["groups"]


def test_many_are_retried_by_filter_and_the_others_are_told(shell: Shell) -> None:
    make_jobs(3, Status.DEAD)
    make_jobs(2, Status.RUNNING)

    said = shell("retry_job", "--type", "noop", "--delay", "1h")

    assert (said.status, said.out) == (0, "3 retried, 2 skipped: running.\n")
    assert Job.objects.filter(status=Status.PENDING, run_at__gt=timezone.now() + timedelta(minutes=59)).count() == 3
    assert AuditEntry.objects.get().action == "BULK_RETRY"


def test_what_was_done_is_told_to_scripts(shell: Shell) -> None:
    make_jobs(2, Status.PENDING)
    make_job(Status.RUNNING)

    answer = shell("cancel_job", "--type", "noop", "--reason", "wrong season", "--json").json

    operation = BulkOperation.objects.get()
    assert answer == {
        "verb": "cancel",
        "dryRun": False,
        "done": 2,
        "requested": 1,
        "skipped": {},
        "operation": str(operation.pk),
        "state": "done",
    }
    assert set(Job.objects.values_list("cancel_reason", flat=True)) == {"wrong season"}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--tag", "autumn"),
        ("--queue", "emails"),
        ("--error-code", "TIMEOUT"),
        ("--fingerprint", "0123456789abcdef"),
        ("--created-by", "alice"),
        ("--schedule", "nightly"),
        ("--status", "dead"),
        ("--status", "DEAD,succeeded"),
    ],
)
def test_each_selector_chooses_its_jobs_only(option: str, value: str, shell: Shell) -> None:
    alice = get_user_model().objects.create_user("alice")
    schedule = make_schedule("nightly")
    make_job(
        Status.DEAD,
        tags=["autumn"],
        queue="emails",
        error_code="TIMEOUT",
        fingerprint="0123456789abcdef",
        created_by=alice,
        schedule=schedule,
    )
    make_job(Status.FAILED)

    assert shell("retry_job", option, value).out == "1 retried.\n"
    assert states() == [Status.PENDING, Status.FAILED]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--status", "broken"],
        ["--since", "yesterday"],
        ["--since", "1h", "--until", "2h"],
        ["--fingerprint", "xyz"],
        ["--type", ","],
        ["--since", "999999999d"],
    ],
)
def test_an_impossible_condition_is_wrong_use(arguments: list[str], shell: Shell) -> None:
    assert shell("retry_job", *arguments).status == 2


@pytest.mark.parametrize(("option", "sentence"), [("--created-by", "No user"), ("--schedule", "No schedule")])
def test_somebody_unknown_is_a_failure(option: str, sentence: str, shell: Shell) -> None:
    said = shell("retry_job", option, "nobody")

    assert said.status == 1
    assert sentence in said.err


def test_deleting_without_a_yes_is_refused_where_nobody_can_be_asked(shell: Shell) -> None:
    job = make_job(Status.DEAD)

    said = shell("delete_job", "--id", str(job.pk))

    assert said.status == 2
    assert "This would delete 1 job, and nobody is here to ask: add --yes" in said.err
    assert states() == [Status.DEAD]
    assert shell("delete_job", "--id", str(job.pk), "--yes").out == "1 deleted.\n"
    assert states() == []


def test_a_running_job_is_not_deleted(shell: Shell) -> None:
    job = make_job(Status.RUNNING)

    said = shell("delete_job", "--id", str(job.pk), "--yes")

    assert (said.status, said.out) == (1, "0 deleted, 1 skipped: running.\n")


def test_a_filter_that_no_job_fits_changes_nothing_and_says_so(shell: Shell) -> None:
    said = shell("delete_job", "--status", "dead", "--yes")

    assert (said.status, said.out) == (0, "No job matches: dead jobs.\n")
    assert not BulkOperation.objects.exists()


@pytest.mark.parametrize(("answer", "left"), [("n", 1), ("", 1), ("y", 0)])
def test_who_sits_at_a_terminal_is_asked(answer: str, left: int, transactional_db: None) -> None:
    make_job(Status.DEAD, error_code="TIMEOUT")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "delete_job", "--status", "dead"],
        cwd=ROOT,
        env=environment(),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(ours, f"{answer}\n".encode())

    said = ended(process)
    os.close(ours)
    os.close(theirs)

    assert "Would delete 1 of 1: dead jobs." in said.err
    assert "Delete 1 job? [y/N]" in said.out + said.err
    assert said.status == (1 if left else 0)
    assert Job.objects.count() == left


def _many_failed(number: int) -> None:
    now = timezone.now()
    Job.objects.bulk_create(
        Job(task_type="noop", status=Status.FAILED, finished_at=now, run_at=now + timedelta(days=1))
        for _ in range(number)
    )


def test_more_than_a_thousand_are_done_in_the_background_and_followed(shell: Shell, tmp_path: Path) -> None:
    _many_failed(1_100)
    worker = WorkerProcess(tmp_path / "worker.log")
    try:
        said = shell("retry_job", "--status", "failed", "--delay", "1d")
    finally:
        worker.end()

    assert (said.status, said.out) == (0, "1,100 retried.\n")
    assert "1,100 jobs are worked on in the background; to stop it: manage.py cancel_job --id " in said.err
    assert Job.objects.filter(task_type="noop", status=Status.PENDING).count() == 1_100


def test_who_stops_watching_stops_nothing_and_learns_how_to(transactional_db: None) -> None:
    _many_failed(1_001)
    process = start("retry_job", "--status", "failed")
    assert process.stderr is not None
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)

    said = ended(process)

    job = Job.objects.get(task_type="job_queue_bulk")
    assert "1,001 jobs are worked on in the background" in first
    assert f"the operation goes on. To stop it: manage.py cancel_job --id {job.pk}" in said.err
    assert "Traceback" not in said.err
    assert said.status == 1
    assert job.status == Status.PENDING


def test_the_way_to_stop_an_operation_stops_it(shell: Shell) -> None:
    _many_failed(1_001)
    said = shell("retry_job", "--status", "failed", "--no-wait")
    job = Job.objects.get(task_type="job_queue_bulk")
    assert said.out == f"Goes on in the background, by job {job.pk}.\n"

    assert shell("cancel_job", "--id", str(job.pk)).status == 0
    assert Job.objects.get(pk=job.pk).status == Status.CANCELLED
