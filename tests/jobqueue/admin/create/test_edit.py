"""Editing a job that has not begun."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue.models import AuditEntry, Job
from jobqueue.scopes import Scope
from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.create.forms import CREATE, FIELDS, HTMX, edit_url, errors
from tests.jobqueue.admin.pages import JOBS, job_url, said
from tests.jobqueue.admin.schedules.filling_in import filled_in
from tests.jobqueue.audited import the_entry
from tests.jobqueue.factories import make_job

REPORT = {"title": "May", "copies": 2, "apiToken": "s3cret-value"}


@pytest.fixture
def frank(sign_in: SignIn) -> Client:
    """May operate and edit payloads."""
    return sign_in("frank", "operate_job", "edit_job_payload")


@pytest.fixture
def dave(settings: Settings, db: None) -> User:
    """The one coach to choose."""
    coaches = Scope(name="coach", label="Coach", choices=lambda: User.objects.filter(username="dave"))
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": [coaches]}
    return User.objects.create(username="dave")


def edit(client: Client, job: Job, **changes: Any) -> Any:
    """The answer to the form, filled in as it was and with these changes."""
    return client.post(edit_url(job), {**filled_in(client.get(edit_url(job))), **changes})


def stored(job: Job) -> dict[str, Any]:
    found: Any = Job.objects.filter(pk=job.pk).values().get()
    return dict(found)


def test_a_form_that_is_saved_untouched_changes_nothing(frank: Client, alice: Client, dave: User) -> None:
    moment = datetime(2036, 10, 26, 1, 30, 15, 123456, tzinfo=UTC)
    for job in (
        make_job(run_at=moment, deadline=moment, timeout=timedelta(seconds=90), tags=["a", "b"]),
        make_job(task_type="write_report", payload=REPORT, priority=100, queue="mail"),
        make_job(task_type="write_report", payload={"title": "two\nlines", "apiToken": "s3cret-value"}),
        make_job(task_type="fetch", payload={"coachId": dave.pk, "dryRun": False, "organizationId": None}),
        make_job(task_type="fetch", payload={"coachId": None, "dryRun": False}),
        make_job(task_type="gone", payload={"what": "ever"}),
    ):
        before = stored(job)
        for client in (frank, alice):
            response = edit(client, job)
            assert response.status_code == 302, errors(response)
            assert "nothing was changed" in said(response)[-1]
        assert stored(job) == before
    assert not AuditEntry.objects.exists()


def test_options_are_changed_and_recorded(alice: Client) -> None:
    job = make_job()
    response = edit(
        alice, job, run_at="2036-07-01T08:00", timezone="Europe/Berlin", priority="50", queue="mail", max_attempts="9",
        timeout="2h", tags="x",
    )  # fmt: skip
    assert response["Location"] == job_url(job.pk)
    job.refresh_from_db()
    assert job.run_at == datetime(2036, 7, 1, 6, 0, tzinfo=UTC)
    assert (job.priority, job.queue, job.max_attempts) == (50, "mail", 9)
    assert (job.timeout, job.tags) == (timedelta(hours=2), ["x"])
    entry = the_entry()
    assert (entry.action, entry.before["queue"], entry.after["queue"]) == ("JOB_EDIT", "default", "mail")


def test_a_delay_counts_from_now(alice: Client) -> None:
    job = make_job(run_at=datetime(2036, 1, 1, tzinfo=UTC))
    response = edit(alice, job, run_at="", delay="5m")
    assert response.status_code == 302, errors(response)
    job.refresh_from_db()
    assert timedelta(minutes=4) < job.run_at - timezone.now() <= timedelta(minutes=5)


def test_the_payload_is_changed_by_its_fields(frank: Client, dave: User) -> None:
    job = make_job(task_type="fetch", payload={"source": "here"})
    edit(frank, job, **{"payload-source": "there", "scope-coach": str(dave.pk)})
    job.refresh_from_db()
    assert (job.payload["source"], job.payload["coachId"]) == ("there", dave.pk)
    entry = the_entry()
    assert (entry.before["payload"], entry.after["payload"]["source"]) == ({"source": "here"}, "there")


def test_a_secret_stays_unless_another_is_written(frank: Client) -> None:
    job = make_job(task_type="write_report", payload=REPORT)
    shown = frank.get(edit_url(job)).content.decode()
    assert "s3cret-value" not in shown
    edit(frank, job, **{"payload-title": "June"})
    job.refresh_from_db()
    assert (job.payload["title"], job.payload["apiToken"]) == ("June", "s3cret-value")
    edit(frank, job, **{"payload-apiToken": "an0ther-value"})
    job.refresh_from_db()
    assert job.payload["apiToken"] == "an0ther-value"


def test_json_of_a_payload_may_be_edited(frank: Client) -> None:
    job = make_job(task_type="add_one", payload={"number": 1})
    edit(frank, job, payload_as_json="on", payload='{"number": 2}')
    job.refresh_from_db()
    assert job.payload == {"number": 2}


def test_the_way_of_writing_can_be_changed(frank: Client) -> None:
    job = make_job(task_type="add_one", payload={"number": 17})
    data = {**filled_in(frank.get(edit_url(job))), "payload_as_json": "on"}
    shown = frank.post(FIELDS, data, headers=HTMX).content.decode()
    assert "&quot;number&quot;: 17" in shown


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("run_at", "", "cannot be empty"),
        ("queue", "", "cannot be empty"),
        ("priority", "", "cannot be empty"),
        ("max_attempts", "", "cannot be empty"),
        ("run_at", "tomorrow", "not a time"),
        ("timeout", "0s", "expected more than nothing"),
        ("payload-number", "x", "Enter a whole number"),
    ],
)
def test_a_wrong_value_is_told_and_changes_nothing(frank: Client, field: str, value: str, told: str) -> None:
    job = make_job(task_type="add_one")
    before = stored(job)
    assert told in " ".join(errors(edit(frank, job, **{field: value, "tags": "kept"})).values())
    assert stored(job) == before
    assert not AuditEntry.objects.exists()


def test_a_payload_that_the_task_type_refuses_is_told(frank: Client) -> None:
    job = make_job(task_type="write_report", payload={"title": "May"})
    response = edit(frank, job, **{"payload-copies": "9", "payload-paper": "letter"})
    assert "Nine copies need A4" in errors(response)["payload"]


def test_a_unique_key_that_is_taken_is_told(frank: Client) -> None:
    make_job(task_type="fetch", unique_key="fetch:None:True", unique_states=["pending"])
    job = make_job(task_type="fetch", unique_key="fetch:None:False", unique_states=["pending"])
    response = edit(frank, job, **{"payload-dryRun": "on"})
    assert "its unique key is taken" in said(response)[0]
    assert stored(job)["payload"] == {}


@pytest.mark.parametrize("status", [status for status in Status if status != Status.PENDING])
def test_only_a_pending_job_is_edited(alice: Client, status: Status) -> None:
    job = make_job(status)
    for response in (alice.get(edit_url(job)), alice.post(edit_url(job), {"queue": "mail"})):
        assert response["Location"] == job_url(job.pk)
    assert "only a pending job is edited" in said(response)[-1]
    job.refresh_from_db()
    assert job.queue == "default"


def test_who_may_not_edit_payloads_does_not_see_its_fields_and_is_refused(alice: Client) -> None:
    job = make_job(task_type="add_one")
    assert "payload-number" not in alice.get(edit_url(job)).content.decode()
    response = edit(alice, job, **{"payload_of": "add_one", "payload-number": "9"})
    assert response.status_code == 403
    assert (the_entry().action, the_entry().is_refused) == ("JOB_EDIT", True)
    assert alice.get(FIELDS, {"job": str(job.pk)}).status_code == 403
    assert stored(job)["payload"] == {}


def test_who_may_only_look_is_refused(bob: Client) -> None:
    job = make_job()
    assert bob.get(edit_url(job)).status_code == 403
    assert bob.post(edit_url(job), {"queue": "mail"}).status_code == 403
    assert (the_entry().action, the_entry().object_id) == ("JOB_EDIT", str(job.pk))


def test_a_job_that_is_gone_is_not_found(alice: Client) -> None:
    job = make_job()
    address = edit_url(job)
    job.delete()
    assert alice.get(address).status_code == 404


def test_the_list_and_the_page_lead_to_it_and_to_a_duplicate(alice: Client, bob: Client) -> None:
    job, done = make_job(), make_job(Status.SUCCEEDED)
    for page in (JOBS, job_url(job.pk)):
        shown = alice.get(page).content.decode()
        assert edit_url(job) in shown
        assert f"{CREATE}?copy={job.pk}" in shown
        assert CREATE not in bob.get(page).content.decode()
    shown = alice.get(job_url(done.pk)).content.decode()
    assert edit_url(done) not in shown
    assert f"{CREATE}?copy={done.pk}" in shown
