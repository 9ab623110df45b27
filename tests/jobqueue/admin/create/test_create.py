"""Creating a job by hand: what is filled in is what is enqueued, and what is wrong is told at its field."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue.models import AuditEntry, Job
from jobqueue.scopes import Scope
from jobqueue.states import Priority
from jobqueue.testing import run_job
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.create.forms import CREATE, FIELDS, HTMX, errors, new
from tests.jobqueue.admin.pages import JOBS, job_url, said
from tests.jobqueue.admin.schedules.filling_in import filled_in
from tests.jobqueue.audited import the_entry
from tests.jobqueue.factories import make_job

REPORT = {"title": "May", "copies": 2, "extra": {"a": 1}, "apiToken": "s3cret-value"}


@pytest.fixture
def dave(settings: Settings, db: None) -> User:
    """The one coach to choose."""
    coaches = Scope(name="coach", label="Coach", choices=lambda: User.objects.filter(username="dave"))
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": [coaches]}
    return User.objects.create(username="dave")


def test_a_job_is_created_and_the_list_says_so_with_a_link(alice: Client) -> None:
    response = alice.post(CREATE, new(alice, **{"payload-number": "4"}))
    assert response.status_code == 302, errors(response)
    assert response["Location"] == JOBS
    job = Job.objects.get()
    assert (job.payload, job.created_by) == ({"number": 4}, User.objects.get(username="alice"))
    (message,) = said(response)
    assert f'href="{job_url(job.pk)}"' in message
    assert "It runs now." in message
    assert run_job(job.pk).result == {"number": 5}
    entry = the_entry()
    assert (entry.action, entry.object_id, entry.after["payload"]) == ("JOB_CREATE", str(job.pk), {"number": 4})


def test_options_left_empty_are_the_task_types_own(alice: Client) -> None:
    alice.post(CREATE, new(alice, "nap"))
    job = Job.objects.get()
    assert (job.max_attempts, job.priority, job.queue, job.tags) == (3, Priority.NORMAL, "default", [])


def test_every_option_can_be_said(alice: Client) -> None:
    data = new(
        alice,
        priority="50",
        queue="mail",
        max_attempts="7",
        timeout="90s",
        tags="may, urgent ,may",
        timezone="Europe/Berlin",
        run_at="2036-07-01T08:00",
        deadline="2036-07-01T09:00",
    )
    assert alice.post(CREATE, data).status_code == 302
    job = Job.objects.get()
    assert (job.priority, job.queue, job.max_attempts, job.tags) == (50, "mail", 7, ["may", "urgent"])
    assert job.timeout == timedelta(seconds=90)
    assert (job.run_at, job.deadline) == (
        datetime(2036, 7, 1, 6, 0, tzinfo=UTC),
        datetime(2036, 7, 1, 7, 0, tzinfo=UTC),
    )


def test_a_delay_counts_from_now(alice: Client) -> None:
    alice.post(CREATE, new(alice, delay="2h"))
    assert timedelta(minutes=119) < Job.objects.get().run_at - timezone.now() <= timedelta(hours=2)


def test_a_coach_is_chosen_by_name(alice: Client, dave: User) -> None:
    data = new(alice, "fetch", **{"scope-coach": str(dave.pk), "payload-dryRun": "on"})
    assert alice.post(CREATE, data).status_code == 302
    assert Job.objects.get().payload["coachId"] == dave.pk
    assert Job.objects.get().payload["dryRun"] is True


def test_the_payload_may_be_json(alice: Client) -> None:
    data = new(alice, payload_as_json="on", payload='{"number": 9}')
    assert alice.post(CREATE, data).status_code == 302
    assert Job.objects.get().payload == {"number": 9}


def test_a_job_that_is_there_already_is_pointed_at(alice: Client) -> None:
    first = make_job(task_type="fetch", unique_key="fetch:None:False", unique_states=["pending"])
    response = alice.post(CREATE, new(alice, "fetch"))
    (message,) = said(response)
    assert message.startswith("0 jobs created")
    assert job_url(first.pk) in message
    assert "is the same and pending" in message
    assert Job.objects.count() == 1
    assert the_entry().is_refused


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("task_type", "", "required"),
        ("task_type", "unknown\0", "not one of the available choices"),
        ("delay", "soon", "'soon' is not a duration: expected a number with a unit"),
        ("delay", "999999999d", "after the year 9999"),
        ("timeout", "0s", "expected more than nothing"),
        ("run_at", "tomorrow", "not a time"),
        ("run_at", "9999-12-31T23:59", "expected a year from 2000 to 2199"),
        ("deadline", "0001-01-01T00:00", "expected a year"),
        ("timezone", "Mars/Olympus", "is not a time zone: expected an IANA name"),
        ("priority", "7", "not one of the available choices"),
        ("queue", "x" * 65, "at most 64 characters"),
        ("queue", "a\0b", "Null characters"),
        ("max_attempts", "0", "greater than or equal to 1"),
        ("max_attempts", "99999", "less than or equal to 32767"),
        ("tags", "x" * 65, "expected 1 to 64 characters"),
        ("tags", "a\0b", "Null characters"),
        ("payload-number", "four", "Number: Enter a whole number"),
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_nothing_is_lost(
    alice: Client, field: str, value: str, told: str
) -> None:
    data = {**new(alice, **{"payload-number": "4", "queue": "mail"}), field: value}
    response = alice.post(CREATE, data)
    found = errors(response)
    assert told in " ".join(found.values())
    assert not Job.objects.exists()
    if field != "task_type":  # which takes the fields of the payload with it
        shown = filled_in(response)
        assert (shown["queue"], shown["payload-number"]) == (data["queue"], data["payload-number"])


def test_a_time_and_a_delay_are_one_too_many(alice: Client) -> None:
    data = new(alice, run_at="2036-07-01T08:00", delay="5m")
    assert "give one of the two" in errors(alice.post(CREATE, data))["delay"]


def test_a_time_that_the_clocks_skip_is_refused(alice: Client) -> None:
    data = new(alice, timezone="Europe/Berlin", run_at="2036-03-30T02:30")
    assert "set forward over 02:30" in errors(alice.post(CREATE, data))["run_at"]


@pytest.mark.parametrize(
    ("payload", "told"),
    [('{"nummer": 4}', "unknown field"), ("[1]", "no object"), ('"a', "not JSON"), ('{"number": "\\u0000"}', "cannot")],
)
def test_json_that_the_task_type_does_not_take_is_refused(alice: Client, payload: str, told: str) -> None:
    response = alice.post(CREATE, new(alice, payload_as_json="on", payload=payload))
    assert told in errors(response)["payload"]
    assert filled_in(response)["payload"] == payload


def test_a_coach_and_a_payload_that_names_one_are_one_too_many(alice: Client, dave: User) -> None:
    data = new(alice, "fetch", payload_as_json="on", payload='{"coachId": 3}', **{"scope-coach": str(dave.pk)})
    response = alice.post(CREATE, data)
    assert "sets coachId already" in errors(response)["payload"]
    assert "sets coachId already" in response.content.decode()


def test_the_fields_follow_the_task_type_and_keep_what_fits(alice: Client) -> None:
    data = new(alice, **{"payload-number": "4"})
    shown = alice.post(FIELDS, {**data, "task_type": "write_report"}, headers=HTMX).content.decode()
    assert "Printed on top." in shown
    shown = alice.post(FIELDS, {**data, "task_type": "fail_until"}, headers=HTMX).content.decode()
    assert 'value="4"' in shown
    assert not Job.objects.exists()


def test_without_javascript_another_task_type_asks_again_for_its_fields(alice: Client) -> None:
    response = alice.post(CREATE, {**new(alice), "task_type": "write_report"})
    assert "these are the fields of Write report" in errors(response)["payload"]
    assert "payload-title" in filled_in(response)


def test_the_help_of_the_task_type_is_shown(alice: Client) -> None:
    assert "Fetch whatever there is." in alice.get(CREATE, {"task_type": "fetch"}).content.decode()


def test_in_a_dialog_errors_stay_there_and_success_leaves(alice: Client) -> None:
    shown = alice.get(CREATE, headers=HTMX).content.decode()
    assert shown.startswith('<div id="dialog"')
    wrong = alice.post(CREATE, new(alice, delay="soon"), headers=HTMX)
    assert wrong.content.decode().startswith('<div id="dialog"')
    done = alice.post(CREATE, new(alice), headers=HTMX)
    assert done["HX-Redirect"] == JOBS


def test_a_duplicate_is_filled_in_like_the_other(alice: Client, dave: User) -> None:
    job = make_job(task_type="fetch", payload={"coachId": dave.pk, "source": "here"}, tags=["a", "b"], priority=50)
    data = filled_in(alice.get(CREATE, {"copy": str(job.pk)}))
    assert (data["scope-coach"], data["payload-source"], data["tags"]) == (str(dave.pk), "here", "a, b")
    assert alice.post(CREATE, data).status_code == 302
    other = Job.objects.exclude(pk=job.pk).get()
    assert (other.payload["coachId"], other.payload["source"]) == (dave.pk, "here")
    assert (other.priority, other.tags) == (50, ["a", "b"])


def test_secrets_are_not_copied(alice: Client) -> None:
    job = make_job(task_type="write_report", payload=REPORT)
    response = alice.get(CREATE, {"copy": str(job.pk)})
    assert "s3cret-value" not in response.content.decode()
    assert "Secrets are not copied" in response.content.decode()
    assert alice.post(CREATE, filled_in(response)).status_code == 302
    assert Job.objects.exclude(pk=job.pk).get().payload["apiToken"] is None


@pytest.mark.parametrize("key", ["", "x", "00000000-0000-0000-0000-000000000000", "\0"])
def test_a_copy_of_nothing_is_an_empty_form(alice: Client, key: str) -> None:
    assert alice.get(CREATE, {"copy": key}).status_code == 200


def test_markup_is_shown_as_text(alice: Client) -> None:
    script = "<script>alert(1)</script>"
    job = make_job(task_type="write_report", payload={"title": script, "extra": {"a": script}}, tags=[script])
    for page in (
        alice.get(CREATE, {"copy": str(job.pk)}),
        alice.get(CREATE, {"task_type": script}),
        alice.post(CREATE, new(alice, queue=script, delay=script)),
    ):
        assert script not in page.content.decode()


@pytest.mark.parametrize("address", [CREATE, FIELDS])
def test_who_may_only_look_is_refused(bob: Client, address: str) -> None:
    assert bob.get(address).status_code == 403
    assert not AuditEntry.objects.exists()
    assert bob.post(address, {"task_type": "noop"}).status_code == 403
    assert (the_entry().action, the_entry().is_refused) == ("JOB_CREATE", True)
    assert not Job.objects.exists()


def test_looking_at_the_form_creates_nothing(alice: Client, sign_in: SignIn) -> None:
    alice.get(CREATE, {"task_type": "add_one", "payload-number": "4", "recurring": "on"})
    assert not Job.objects.exists()
    response: Any = sign_in("erin").get(CREATE)
    assert response.status_code == 403
