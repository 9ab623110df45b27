"""The list's actions on selected jobs."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobqueue.models import AuditEntry, Job
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, answer, said
from tests.jobqueue.factories import make_job, make_jobs


def act(client: Client, action: str, jobs: list[Job], **more: str) -> Any:
    return client.post(JOBS, {"action": action, "_selected_action": [str(job.pk) for job in jobs], **more})


def test_retrying_tells_how_many_and_why_not_the_others(alice: Client) -> None:
    failed, running = make_jobs(5, Status.FAILED), make_jobs(2, Status.RUNNING)
    response = act(alice, "retry_jobs", failed + running)
    (told,) = said(response)
    assert told.startswith("5 retried, 2 skipped: running <a href=")
    assert told.endswith(">Details, undo</a>")
    assert Job.objects.filter(status=Status.PENDING).count() == 5


def test_making_due_tells_how_many(alice: Client) -> None:
    response = act(alice, "run_now_jobs", [*make_jobs(2), make_job(Status.SUCCEEDED)])
    assert said(response) == ["2 due now, 1 skipped: succeeded"]


def test_cancelling_asks_for_a_reason_and_keeps_it(alice: Client) -> None:
    jobs = [*make_jobs(2), make_job(Status.RUNNING)]
    question = act(alice, "cancel_jobs", jobs)
    assert b"Cancel 3 jobs?" in question.content
    assert b"<b>3</b> will be cancelled; 1 of them run and are asked to stop" in question.content
    assert b'name="reason"' in question.content
    assert not Job.objects.filter(cancel_requested_at__isnull=False).exists()

    response = answer(alice, question, reason="the event is over")
    assert said(response)[0].startswith("2 cancelled, 1 asked to stop")
    assert set(Job.objects.values_list("cancel_reason", "cancel_requested_by")) == {
        ("the event is over", User.objects.get().pk)
    }


def test_deleting_asks_first(alice: Client) -> None:
    jobs = [*make_jobs(2, Status.SUCCEEDED), make_job(Status.RUNNING)]
    question = act(alice, "delete_jobs", jobs)
    assert b"Delete 2 jobs?" in question.content
    assert b"1 running: left alone" in question.content
    assert Job.objects.count() == 3
    response = answer(alice, question)
    assert said(response)[0].startswith("2 deleted, 1 skipped: running")
    assert Job.objects.count() == 1


def test_who_operates_but_may_not_delete_is_not_offered_it_and_refused(manager: Client) -> None:
    job = make_job(Status.FAILED)
    assert b"delete_jobs" not in manager.get(JOBS).content
    act(manager, "delete_jobs", [job])
    response = manager.post(f"{JOBS}bulk/delete/", {"selection": json.dumps({"ids": [str(job.pk)]})})
    assert response.status_code == 403
    assert Job.objects.get() == job
    assert list(AuditEntry.objects.values_list("action", "is_refused")) == [("BULK_DELETE", True)] * 2


def test_only_the_selected_jobs_are_touched_even_if_all_are_asked_for(alice: Client) -> None:
    chosen, other = make_jobs(2, Status.FAILED)
    act(alice, "retry_jobs", [chosen], select_across="1")
    other.refresh_from_db()
    assert other.status == Status.FAILED


@pytest.mark.parametrize("action", ["retry_jobs", "run_now_jobs", "cancel_jobs", "delete_jobs", "delete_selected"])
def test_who_may_only_look_is_offered_no_action_and_can_do_none(bob: Client, action: str) -> None:
    job = make_job(Status.FAILED)
    before = Job.objects.values().get()
    assert b'name="_selected_action"' not in bob.get(JOBS).content
    act(bob, action, [job], _form_submitted="True", post="yes")
    assert Job.objects.values().get() == before


def test_an_action_in_the_address_does_nothing(alice: Client) -> None:
    job = make_job(Status.FAILED)
    alice.get(JOBS, {"action": "retry_jobs", "_selected_action": str(job.pk)})
    assert Job.objects.get().status == Status.FAILED


def test_a_selection_that_names_no_job_does_nothing(alice: Client) -> None:
    make_job(Status.FAILED)
    response = alice.post(JOBS, {"action": "retry_jobs", "_selected_action": ["x", "' OR 1"]})
    assert response.status_code == 302
    assert Job.objects.get().status == Status.FAILED
