"""One job's page."""

from uuid import uuid4

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobqueue.api import enqueue
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, job_url, said
from tests.jobqueue.factories import make_attempt, make_job, make_log_lines, make_schedule, make_worker
from tests.jobqueue.lifecycle import job_in


def test_it_shows_payload_result_attempts_and_log(alice: Client) -> None:
    job = make_job(Status.SUCCEEDED, payload={"coachId": 17}, result={"written": 4}, schedule=make_schedule())
    make_attempt(job, worker=make_worker(host="host-9"))
    make_log_lines(job, 2)
    page = alice.get(job_url(job.pk)).content.decode()
    for shown in ("&quot;coachId&quot;: 17", "&quot;written&quot;: 4", "host-9", "no such account",
                  "Traceback (most recent", "line 1.", "every half hour", str(job.pk)):  # fmt: skip
        assert shown in page


def test_markup_in_payload_result_log_and_error_is_only_text(alice: Client) -> None:
    evil = "<script>alert(1)</script>"
    job = make_job(Status.SUCCEEDED, payload={"a": evil}, result=evil, error_code="X", error_message=evil)
    make_attempt(job, traceback=evil, error_message=evil)
    page = alice.get(job_url(job.pk)).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") == 5


def test_only_the_end_of_a_long_log_is_shown_and_it_says_so(alice: Client) -> None:
    job = make_job(Status.FAILED)
    make_log_lines(job, 600)
    page = alice.get(job_url(job.pk)).content.decode()
    assert "The last 500 lines" in page
    assert "line 99." not in page
    assert page.index("line 100.") < page.index("line 599.")


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
    assert "Cancelled by alice" in page
    assert "wrong &lt;b&gt;coach&lt;/b&gt;" in page


def test_it_refreshes_itself_until_the_job_has_ended(alice: Client) -> None:
    job = make_job(Status.RUNNING, progress_done=3, progress_total=8)
    part = alice.get(job_url(job.pk), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'hx-trigger="every 3s' in part
    assert 'value="3" max="8"' in part
    ended = make_job(Status.DEAD)
    assert "hx-trigger" not in alice.get(job_url(ended.pk), headers={"HX-Request": "true"}).content.decode()


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
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            alice.get(url)
        return len(captured)

    short, long = make_job(Status.FAILED), make_job(Status.FAILED)
    make_attempt(short, worker=make_worker())
    for claim in range(1, 20):
        make_attempt(long, claim, worker=make_worker())
    make_log_lines(long, 50)
    assert queries(job_url(long.pk)) == queries(job_url(short.pk))


def test_a_waiting_job_says_why_and_leads_to_what_it_waits_for(alice: Client) -> None:
    parent = job_in(Status.FAILED)
    child = enqueue("noop", depends_on=[parent]).id
    page = alice.get(job_url(child)).content.decode()
    assert "which failed" in page
    assert "Depends on (1)" in page
    assert "overdue" not in page
    assert "/do/run-now/" not in page
    assert page.count(f'href="{job_url(parent)}"') == 2
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
