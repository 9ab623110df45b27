"""The whole texts behind a job's page, and the page of an attempt."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from jobqueue.redaction import MASK
from jobqueue.states import Status
from tests.jobqueue.admin.pages import text_of
from tests.jobqueue.factories import make_attempt, make_job, make_log_lines, make_worker


def url(job: UUID, name: str) -> str:
    return reverse("admin:jobqueue_job_text", args=[job, name])


def attempt_url(job: UUID, claim: int) -> str:
    return reverse("admin:jobqueue_job_attempt", args=[job, claim])


def read(client: Client, job: UUID, name: str, query: str = "") -> tuple[str, Any]:
    """The text, and the answer that brought it."""
    response: Any = client.get(url(job, name) + query)
    assert response.streaming
    return response.getvalue().decode(), response


def test_a_payload_of_a_megabyte_is_there_whole(alice: Client) -> None:
    payload = {"rows": [{"id": n, "name": "שלום <b> 🎉"} for n in range(20_000)]}
    text, response = read(alice, make_job(payload=payload).pk, "payload")
    assert json.loads(text) == payload
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline;")


def test_it_can_be_downloaded_under_a_name(alice: Client) -> None:
    job = make_job(Status.SUCCEEDED, result=[1])
    _, response = read(alice, job.pk, "result", "?download")
    assert response["Content-Disposition"] == f'attachment; filename="job-{job.short_id}-result.json"'


@pytest.mark.parametrize("name", ["payload", "result", "checkpoint"])
def test_secrets_are_masked_there_too(alice: Client, name: str) -> None:
    job = make_job(Status.SUCCEEDED, **{name: {"credentials": {"code": "k3y-one"}, "url": "https://a:k3y-two@b/"}})
    text, _ = read(alice, job.pk, name)
    assert "k3y" not in text
    assert text.count(MASK) == 2


def test_the_whole_log_is_there_attempt_by_attempt(alice: Client) -> None:
    job = make_job(Status.FAILED)
    make_log_lines(job, 2_500, 1)
    make_log_lines(job, 2, 2)
    job.log_lines.filter(claim=2, number=1).update(text="token=abcdef123456 \x1b[31m", level="ERROR")
    text, _ = read(alice, job.pk, "log")
    assert text.count("line ") == 2_501
    assert text.index("--- attempt under claim 1 ---") < text.index("line 2499.") < text.index("claim 2 ---")
    assert f"ERROR    token={MASK} ␛[31m" in text


def test_the_errors_of_all_attempts_are_there(alice: Client) -> None:
    job = make_job(Status.DEAD)
    make_attempt(job, 1, error_code="TIMEOUT")
    make_attempt(job, 2, error_message="password=hunter2secret")
    text, _ = read(alice, job.pk, "errors")
    assert "TIMEOUT no such account\nTraceback (most" in text
    assert "hunter2secret" not in text


def test_there_is_no_other_text(alice: Client) -> None:
    job = make_job()
    for missing in (url(job.pk, "claim"), url(job.pk, "result"), url(uuid4(), "payload")):
        assert alice.get(missing).status_code == 404


def test_an_attempt_shows_its_error_traceback_and_own_lines(alice: Client) -> None:
    job = make_job(Status.DEAD)
    make_attempt(job, 1, worker=make_worker(host="host-9"))
    make_attempt(job, 2, traceback="", error_message="another")
    make_log_lines(job, 3, 1)
    part = alice.get(attempt_url(job.pk, 1), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    for shown in ("no such account", "Traceback (most recent", "line 2."):
        assert shown in text_of(part)
    assert "host-9" in alice.get(attempt_url(job.pk, 1)).content.decode()
    other = alice.get(attempt_url(job.pk, 2)).content.decode()
    assert "another" in other
    assert "It logged nothing." in other


@pytest.mark.parametrize("claim", [7, 2**63, 10**40])
def test_an_attempt_that_never_was_is_not_found(alice: Client, claim: int) -> None:
    assert alice.get(attempt_url(make_job().pk, claim)).status_code == 404


def test_who_may_not_see_jobs_sees_no_text_of_one(client: Client, db: None) -> None:
    job = make_job(Status.FAILED)
    make_attempt(job)
    addresses = [url(job.pk, "payload"), url(job.pk, "log"), url(job.pk, "errors"), attempt_url(job.pk, 1)]
    for address in addresses:
        assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user("charlie", is_staff=True))
    for address in addresses:
        assert client.get(address).status_code == 403


def test_who_may_look_sees_them(bob: Client) -> None:
    job = make_job(Status.FAILED)
    make_attempt(job)
    for address in (url(job.pk, "payload"), url(job.pk, "log"), attempt_url(job.pk, 1)):
        assert bob.get(address).status_code == 200
        assert bob.post(address).status_code == 405
