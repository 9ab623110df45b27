"""The buttons of one job: asked by GET, done by POST, refused with the reason."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobqueue.ids import uuid7
from jobqueue.models import Job
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, job_url, said, verb_url
from tests.jobqueue.factories import make_job

VERBS = ["retry", "run-now", "cancel", "delete"]


def test_a_failed_job_is_retried(alice: Client) -> None:
    job = make_job(Status.FAILED)
    response = alice.post(verb_url(job.pk, "retry"))
    job.refresh_from_db()
    assert job.status == Status.PENDING
    assert said(response) == ["1 retried"]
    assert response["Location"] == job_url(job.pk)


def test_retrying_a_running_job_is_refused_with_the_reason(alice: Client) -> None:
    job = make_job(Status.RUNNING)
    response = alice.post(verb_url(job.pk, "retry"))
    job.refresh_from_db()
    assert job.status == Status.RUNNING
    assert said(response) == ["0 retried, 1 skipped: running"]


def test_a_succeeded_job_is_run_again_only_after_a_question(alice: Client) -> None:
    job = make_job(Status.SUCCEEDED)
    assert b"It succeeded already" in alice.post(verb_url(job.pk, "retry")).content
    assert Job.objects.get().status == Status.SUCCEEDED
    alice.post(verb_url(job.pk, "retry"), {"_form_submitted": "True"})
    assert Job.objects.get().status == Status.PENDING


def test_cancelling_keeps_who_and_why(alice: Client) -> None:
    job = make_job()
    question = alice.get(verb_url(job.pk, "cancel"))
    assert b'name="reason"' in question.content
    response = alice.post(verb_url(job.pk, "cancel"), {"_form_submitted": "True", "reason": "wrong coach"})
    job.refresh_from_db()
    assert (job.status, job.cancel_reason) == (Status.CANCELLED, "wrong coach")
    assert job.cancel_requested_by == User.objects.get(username="alice")
    assert said(response) == ["1 cancelled"]


def test_a_running_job_is_asked_to_stop(alice: Client) -> None:
    job = make_job(Status.RUNNING)
    response = alice.post(verb_url(job.pk, "cancel"), {"_form_submitted": "True"})
    job.refresh_from_db()
    assert job.status == Status.RUNNING
    assert job.cancel_requested_at is not None
    assert said(response) == ["0 cancelled, 1 asked to stop"]


def test_a_waiting_job_is_made_due(alice: Client) -> None:
    job = make_job(Status.RETRYING)
    response = alice.post(verb_url(job.pk, "run-now"))
    job.refresh_from_db()
    assert job.status == Status.PENDING
    assert said(response) == ["1 due now"]


def test_deleting_asks_first_and_ends_at_the_list(alice: Client) -> None:
    job = make_job(Status.DEAD)
    assert b"cannot be undone" in alice.post(verb_url(job.pk, "delete")).content
    assert Job.objects.exists()
    response = alice.post(verb_url(job.pk, "delete"), {"_form_submitted": "True"})
    assert not Job.objects.exists()
    assert response["Location"] == JOBS


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", Status)
def test_looking_at_the_question_changes_nothing(alice: Client, verb: str, status: Status) -> None:
    job = make_job(status)
    before = Job.objects.values().get()
    assert alice.get(verb_url(job.pk, verb)).status_code == 200
    assert alice.get(verb_url(job.pk, verb), {"_form_submitted": "True"}).status_code == 200
    assert Job.objects.values().get() == before


@pytest.mark.parametrize("verb", VERBS)
def test_who_may_only_look_may_not_operate(bob: Client, verb: str) -> None:
    job = make_job(Status.FAILED)
    before = Job.objects.values().get()
    assert bob.get(verb_url(job.pk, verb)).status_code == 403
    assert bob.post(verb_url(job.pk, verb), {"_form_submitted": "True"}).status_code == 403
    assert Job.objects.values().get() == before
    assert b"/do/" not in bob.get(job_url(job.pk)).content


def test_a_post_without_the_csrf_token_is_refused(alice: Client) -> None:
    job = make_job(Status.FAILED)
    alice.handler.enforce_csrf_checks = True
    assert alice.post(verb_url(job.pk, "retry")).status_code == 403
    assert Job.objects.get().status == Status.FAILED


def test_within_a_dialog_the_whole_page_goes_on(alice: Client) -> None:
    job = make_job()
    url = verb_url(job.pk, "cancel") + "?next=/admin/jobqueue/job/%3Fstatus%3Dpending"
    asked = alice.get(url, headers={"HX-Request": "true"})
    assert b"<html" not in asked.content
    assert b'id="dialog"' in asked.content
    done = alice.post(url, {"_form_submitted": "True"}, headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == "/admin/jobqueue/job/?status=pending"


def test_the_way_back_never_leads_to_another_site(alice: Client) -> None:
    job = make_job(Status.FAILED)
    response = alice.post(verb_url(job.pk, "retry") + "?next=https://example.org/")
    assert response["Location"] == job_url(job.pk)


def test_an_unknown_job_or_verb_is_not_found(alice: Client) -> None:
    job = make_job(Status.FAILED)
    assert alice.post(verb_url(job.pk, "explode")).status_code == 404
    assert alice.post(verb_url(uuid7(), "retry")).status_code == 404
