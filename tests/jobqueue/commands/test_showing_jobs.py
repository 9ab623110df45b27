"""list_jobs and show_job: the chosen jobs in tables that fit, and in JSON."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobqueue.api import enqueue
from jobqueue.models import Job
from jobqueue.redaction import MASK
from jobqueue.states import Status
from tests.jobqueue.factories import make_attempt, make_job, make_jobs, make_log_lines

from .conftest import Shell


def test_the_newest_are_listed_first_and_the_rest_is_pointed_at(shell: Shell) -> None:
    jobs = make_jobs(5)

    said = shell("list_jobs", "--limit", "2")

    heading, *rows = said.out.splitlines()
    assert heading.split()[:4] == ["id", "task", "type", "status"]
    assert [row.split()[:3] for row in rows] == [[job.short_id, "noop", "Pending"] for job in (jobs[4], jobs[3])]
    assert said.err == f"There are more: --before {jobs[3].pk}\n"
    answer = shell("list_jobs", "--limit", "2", "--before", str(jobs[3].pk), "--json").json
    assert [job["id"] for job in answer["jobs"]] == [str(jobs[2].pk), str(jobs[1].pk)]
    assert answer["next"] == str(jobs[1].pk)
    assert shell("list_jobs", "--before", str(jobs[1].pk), "--json").json["next"] is None


def test_several_statuses_are_one_list(shell: Shell) -> None:
    failed, _, dead, other = make_job(Status.FAILED), make_job(), make_job(Status.DEAD), make_job(Status.FAILED)

    answer = shell("list_jobs", "--status", "failed,dead", "--status", "FAILED", "--json").json

    assert [job["id"] for job in answer["jobs"]] == [str(job.pk) for job in (other, dead, failed)]


def test_since_is_about_the_end_if_all_chosen_have_one(shell: Shell) -> None:
    old = make_job(Status.FAILED, finished_at=timezone.now() - timedelta(hours=2))
    new = make_job(Status.FAILED)

    assert [job["id"] for job in shell("list_jobs", "--status=failed", "--since=1h", "--json").json["jobs"]] == [
        str(new.pk)
    ]
    assert [job["id"] for job in shell("list_jobs", "--status=failed", "--until=1h", "--json").json["jobs"]] == [
        str(old.pk)
    ]
    assert len(shell("list_jobs", "--since", "1h", "--json").json["jobs"]) == 2


def test_jobs_that_work_on_many_are_listed_too(shell: Shell) -> None:
    make_job(Status.RUNNING, task_type="job_queue_bulk")

    assert "job_queue_bulk" in shell("list_jobs", "--status", "running").out
    assert "job_queue_bulk" in shell("list_jobs", "--type", "job_queue_bulk").out


def test_a_listed_job_has_one_shape_with_iso_times(shell: Shell) -> None:
    job = make_job(Status.FAILED, tags=["autumn"], progress_done=1, progress_total=3, progress_message="begun")

    (shown,) = shell("list_jobs", "--json").json["jobs"]

    assert shown == {
        "id": str(job.pk),
        "shortId": job.short_id,
        "taskType": "noop",
        "status": "failed",
        "queue": "default",
        "priority": "NORMAL",
        "runAt": job.run_at.isoformat().replace("+00:00", "Z"),
        "createdAt": job.created_at.isoformat().replace("+00:00", "Z"),
        "startedAt": shown["startedAt"],
        "finishedAt": shown["finishedAt"],
        "attempts": 1,
        "maxAttempts": 5,
        "errorCode": "AUTH_ERROR",
        "errorMessage": "the token was refused",
        "tags": ["autumn"],
        "createdBy": None,
        "schedule": None,
        "progress": {"done": 1, "total": 3, "message": "begun"},
    }


def test_a_table_fits_the_terminal_and_carries_no_commands_for_it(shell: Shell) -> None:
    make_job(Status.FAILED, queue="q\x1b[2J", error_code="E" * 64)

    said = shell("list_jobs")

    assert max(map(len, said.out.splitlines())) <= 100
    assert "\x1b" not in said.out
    assert "EEE..." in said.out


def test_what_other_commands_want_to_be_told_is_never_cut(shell: Shell) -> None:
    make_job(Status.FAILED, task_type="t" * 100, error_code="E" * 64)

    assert "t" * 100 in shell("list_jobs").out


def test_no_jobs_are_no_error(shell: Shell) -> None:
    assert shell("list_jobs").out == "No jobs.\n"
    assert shell("list_jobs", "--json").json == {"jobs": [], "next": None}


def test_a_job_is_shown_with_all_that_belongs_to_it(shell: Shell) -> None:
    parent = make_job(Status.FAILED, task_type="nap")
    id_ = enqueue("noop", depends_on=[parent.pk], tags=["autumn"]).id
    child = enqueue("add_one", depends_on=[id_]).id
    enqueued = enqueue("noop", parent=id_).id
    job = Job.objects.get(pk=id_)
    make_attempt(job, error_message="no such account")
    make_log_lines(job, 2)

    out = shell("show_job", "--id", job.short_id, "--log", "--tracebacks").out

    assert f"It waits for job {parent.short_id} (nap), which failed: retry that one, or cancel this one." in out
    for id_ in (parent.pk, child, enqueued):
        assert str(id_) in out
    assert "no such account" in out
    assert "Traceback (most recent call last):" in out
    assert "line 1." in out


def test_a_job_is_shown_to_scripts_with_all_that_belongs_to_it(shell: Shell) -> None:
    parent = make_job(Status.RUNNING)
    job = Job.objects.get(pk=enqueue("noop", depends_on=[parent.pk]).id)
    make_attempt(job)
    make_log_lines(job, 1)

    (shown,) = shell("show_job", "--id", str(job.pk), "--log", "--json").json["jobs"]

    assert shown["waiting"]["kind"] == "dependency"
    assert shown["dependsOn"] == [str(parent.pk)]
    assert (shown["dependents"], shown["children"], shown["parent"]) == ([], [], None)
    assert [(one["number"], one["outcome"], one["errorCode"]) for one in shown["attemptHistory"]] == [
        (1, "error", "ValueError")
    ]
    assert [line["text"] for line in shown["log"]] == ["line 0."]


def test_secrets_of_a_payload_are_masked(shell: Shell) -> None:
    job = make_job(Status.SUCCEEDED, payload={"apiKey": "s3cr3t-value"}, result={"token": "s3cr3t-value"})

    said = shell("show_job", "--id", str(job.pk))
    shown = shell("show_job", "--id", str(job.pk), "--json")

    assert "s3cr3t-value" not in said.out + shown.out
    assert shown.json["jobs"][0]["payload"] == {"apiKey": MASK}


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ([], 2, "Which job?"),
        (["--id", "01936d2a-0000-7000-8000-000000000000"], 1, "No such job: 01936d2a-0000-7000-8000-000000000000."),
        (["--tag", "none"], 1, "No job is like that."),
        (["--id", "zzz"], 2, "expected a UUID"),
        (["--limit", "0"], 2, "whole number from 1"),
    ],
)
def test_a_job_that_is_not_there_is_told_in_a_sentence(
    arguments: list[str], status: int, sentence: str, shell: Shell
) -> None:
    said = shell("show_job", *arguments)

    assert said.status == status
    assert sentence in said.err
