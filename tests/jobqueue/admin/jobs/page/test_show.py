"""One job's page."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobqueue.api import enqueue
from jobqueue.models import Job
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, job_url, said, text_of
from tests.jobqueue.factories import make_attempt, make_job, make_log_lines, make_schedule, make_worker
from tests.jobqueue.lifecycle import job_in


def test_it_shows_payload_result_attempts_and_log(alice: Client) -> None:
    job = make_job(Status.SUCCEEDED, payload={"coachId": 17}, result={"written": 4}, schedule=make_schedule())
    make_attempt(job, worker=make_worker(host="host-9"))
    make_log_lines(job, 2)
    page = text_of(alice.get(job_url(job.pk)).content.decode())
    for shown in ('"coachId": 17', '"written": 4', "host-9", "no such account", "line 1.", "every half hour",
                  str(job.pk)):  # fmt: skip
        assert shown in page


def test_a_failed_job_shows_code_message_and_traceback_of_its_last_error(alice: Client) -> None:
    job = make_job(Status.DEAD, error_code="NOT_FOUND", error_message="no such account")
    make_attempt(job, 1, traceback="an older one")
    make_attempt(job, 2)
    make_attempt(job, 3, traceback="", outcome="lost")
    page = alice.get(job_url(job.pk)).content.decode()
    assert "NOT_FOUND" in page
    assert "Traceback (most recent call last):\nValueError: no such account" in text_of(page)
    assert "an older one" not in page


def test_it_says_all_that_is_known_of_the_job(alice: Client) -> None:
    now = timezone.now()
    user = User.objects.create_user("grace")
    job = make_job(
        queue="mail", priority=50, tags=["nightly"], created_by=user, schedule=make_schedule(), occurrence=now,
        unique_key="sync:17", unique_states=["pending", "running"], concurrency_key="platform", concurrency_limit=2,
        deadline=now + timedelta(hours=1), timeout=timedelta(minutes=7), claim=41,
    )  # fmt: skip
    holder = make_job(Status.RUNNING, concurrency_key="platform", concurrency_limit=2)
    page = alice.get(job_url(job.pk)).content.decode()
    for shown in ("mail", "High", "nightly", "by grace", "every half hour", "Occurrence", "sync:17",
                  "while pending, running", "platform", "at most 2 at once", "else it is cancelled", "7 min 0 s",
                  "41"):  # fmt: skip
        assert shown in text_of(page)
    assert job_url(holder.pk) in page


def test_parent_and_children_are_linked(alice: Client) -> None:
    parent = make_job(Status.SUCCEEDED)
    child = make_job(parent=parent)
    assert job_url(child.pk) in alice.get(job_url(parent.pk)).content.decode()
    assert job_url(parent.pk) in alice.get(job_url(child.pk)).content.decode()
    parent.delete()
    assert "(deleted)" in alice.get(job_url(child.pk)).content.decode()


def test_a_cancelled_job_says_who_and_why(alice: Client) -> None:
    job = make_job(Status.RUNNING)
    alice.post(f"{JOBS}{job.pk}/do/cancel/", {"_form_submitted": "True", "reason": "wrong <b>coach</b>"})
    page = alice.get(job_url(job.pk)).content.decode()
    assert "To be cancelled by alice" in text_of(page)
    assert "wrong &lt;b&gt;coach&lt;/b&gt;" in page


def test_each_state_offers_what_fits_it(alice: Client) -> None:
    expected = {
        Status.PENDING: {"run-now", "cancel", "delete"},
        Status.RUNNING: {"cancel"},
        Status.RETRYING: {"retry", "cancel"},
        Status.SUCCEEDED: {"retry", "delete"},
        Status.FAILED: {"retry", "delete"},
        Status.DEAD: {"retry", "delete"},
        Status.CANCELLED: {"retry", "delete"},
    }
    for status, verbs in expected.items():
        page = alice.get(job_url(make_job(status).pk)).content.decode()
        offered = {verb for verb in ("retry", "run-now", "cancel", "delete") if f"/do/{verb}/" in page}
        assert offered == verbs, status


def test_the_number_of_queries_does_not_grow_with_the_history(alice: Client) -> None:
    def queries(job: UUID, **headers: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(job_url(job), headers=headers).status_code == 200
        return len(captured)

    def with_history(size: int) -> UUID:
        job = make_job(Status.FAILED, parent=make_job(Status.SUCCEEDED))
        for claim in range(1, size + 1):
            make_attempt(job, claim, worker=make_worker())
        make_log_lines(job, 40 * size)
        child = enqueue("noop", depends_on=[make_job(Status.FAILED).pk for _ in range(size)]).id
        Job.objects.filter(pk=child).update(parent=job)
        for _ in range(size):
            dependent = enqueue("noop", depends_on=[job.pk]).id
            enqueue("noop", depends_on=[dependent])
            make_job(parent=job)
        return job.pk

    short, long = with_history(1), with_history(60)
    assert queries(short) == queries(long) <= 40
    assert queries(short, hx_request="true") == queries(long, hx_request="true")


def test_a_waiting_job_says_why_and_leads_to_what_it_waits_for(alice: Client) -> None:
    parent = job_in(Status.FAILED)
    child = enqueue("noop", depends_on=[parent]).id
    page = alice.get(job_url(child)).content.decode()
    assert "which failed" in page
    assert "Depends on (1)" in page
    assert "overdue" not in page
    assert "/do/run-now/" not in page
    assert page.count(f'href="{job_url(parent)}"') == 3  # in the sentence, the graph and the list
    assert "Jobs that depend on it (1)" in alice.get(job_url(parent)).content.decode()


def test_a_job_that_has_ended_waits_for_nothing(alice: Client) -> None:
    assert "jq-waiting" not in alice.get(job_url(make_job(Status.FAILED).pk)).content.decode()


def test_a_job_that_is_gone_leads_back_to_the_list(alice: Client) -> None:
    for missing in (str(uuid4()), "nonsense"):
        response = alice.get(f"{JOBS}{missing}/change/")
        assert response["Location"] == JOBS
        assert "There is no job" in said(response)[-1]


def test_who_has_no_permission_sees_nothing(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("charlie", is_staff=True))
    assert client.get(job_url(make_job().pk)).status_code == 403
