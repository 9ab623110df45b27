"""The schedules: made and edited by the form, run and switched by the buttons."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.occurrence import Trigger
from jobqueue.scheduler import run_schedule
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import job_url, said
from tests.jobqueue.factories import make_schedule

SCHEDULES = "/admin/jobqueue/schedule/"
FIELDS = {
    "name": "nightly",
    "task_type": "add_one",
    "payload": '{"number": 4}',
    "is_active": "on",
    "expression": "15 3 * * *",
    "timezone": "Europe/Berlin",
    "queue": "default",
    "priority": "0",
    "max_attempts": "3",
    "notes": "",
}


@pytest.fixture
def carol(sign_in: SignIn) -> Client:
    """May edit schedules and operate."""
    return sign_in("carol", "operate_job", "view_schedule", "add_schedule", "change_schedule")


def errors(response: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = response.context_data["adminform"].form.errors
    return found


def test_a_new_schedule_is_due_at_its_next_time(carol: Client) -> None:
    response = carol.post(f"{SCHEDULES}add/", FIELDS)
    assert response.status_code == 302
    schedule = Schedule.objects.get()
    assert schedule.next_run_at is not None
    assert timezone.now() < schedule.next_run_at < timezone.now() + timedelta(days=1, hours=1)
    assert schedule.payload == {"number": 4}
    assert schedule.created_by == User.objects.get(username="carol")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("expression", "0 99 * * *", "is not a cron expression"),
        ("expression", "0 0 30 2 *", "is not a cron expression"),
        ("payload", '{"nummer": 4}', "Invalid payload"),
        ("timezone", "Mars/Olympus", "'Mars/Olympus' is not a time zone"),
        ("task_type", "unknown", "not one of the available choices"),
        ("max_attempts", "0", "greater than or equal to 1"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(carol: Client, field: str, value: str, told: str) -> None:
    response = carol.post(f"{SCHEDULES}add/", {**FIELDS, field: value})
    assert told in " ".join(errors(response)[field])
    assert not Schedule.objects.exists()


def test_an_empty_payload_means_no_values(carol: Client) -> None:
    carol.post(f"{SCHEDULES}add/", {**FIELDS, "payload": ""})
    assert Schedule.objects.get().payload == {}


def test_a_change_of_the_expression_counts_at_once(carol: Client) -> None:
    schedule = make_schedule(expression="0 0 1 1 *")
    far = schedule.next_run_at
    carol.post(f"{SCHEDULES}{schedule.pk}/change/", {**FIELDS, "expression": "* * * * *"})
    schedule.refresh_from_db()
    assert far is not None
    assert schedule.next_run_at is not None
    assert schedule.next_run_at < far


def test_editing_the_notes_does_not_lose_an_occurrence_that_is_due(carol: Client) -> None:
    due = timezone.now() - timedelta(minutes=1)
    schedule = make_schedule("nightly", expression="15 3 * * *", timezone="Europe/Berlin")
    Schedule.objects.update(next_run_at=due)
    carol.post(f"{SCHEDULES}{schedule.pk}/change/", {**FIELDS, "notes": "see the wiki"})
    schedule.refresh_from_db()
    assert (schedule.notes, schedule.next_run_at) == ("see the wiki", due)


def test_a_task_type_that_is_gone_stays_in_the_form_and_is_refused_by_name(carol: Client) -> None:
    schedule = make_schedule(task_type="forgotten")
    page = carol.get(f"{SCHEDULES}{schedule.pk}/change/").content.decode()
    assert '<option value="forgotten" selected>' in page
    response = carol.post(f"{SCHEDULES}{schedule.pk}/change/", {**FIELDS, "task_type": "forgotten"})
    assert "Unknown task type 'forgotten'" in " ".join(errors(response)["task_type"])


def test_run_now_enqueues_its_job_and_leaves_the_next_occurrence(carol: Client) -> None:
    schedule = make_schedule()
    response = carol.post(f"{SCHEDULES}{schedule.pk}/run/")
    job = Job.objects.get()
    assert (job.schedule, job.created_by) == (schedule, User.objects.get(username="carol"))
    assert Occurrence.objects.get().trigger == Trigger.MANUAL
    assert Schedule.objects.get().next_run_at == schedule.next_run_at
    assert response["Location"] == job_url(job.pk)
    assert said(response) == ["every half hour: 1 job enqueued."]


def test_run_now_of_a_schedule_whose_task_type_is_gone_tells_why(carol: Client) -> None:
    schedule = make_schedule(task_type="forgotten")
    response = carol.post(f"{SCHEDULES}{schedule.pk}/run/")
    assert "could not be run: Unknown task type 'forgotten'" in said(response)[0]
    assert not Job.objects.exists()


def test_the_switch_stops_and_starts_it(carol: Client) -> None:
    schedule = make_schedule()
    carol.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "off"})
    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.next_run_at) == (False, None)
    response = carol.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "on"})
    schedule.refresh_from_db()
    assert schedule.is_active
    assert schedule.next_run_at is not None
    assert said(response)[-1] == "every half hour is switched on."


def test_what_could_not_be_fired_is_not_switched_on_but_can_be_switched_off(carol: Client) -> None:
    schedule = make_schedule(task_type="forgotten")
    carol.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "off"})
    response = carol.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "on"})
    assert "was not switched on: Unknown task type" in said(response)[-1]
    assert not Schedule.objects.get().is_active


def test_who_may_only_look_can_neither_run_nor_switch_nor_edit(bob: Client) -> None:
    schedule = make_schedule()
    page = f"{SCHEDULES}{schedule.pk}"
    assert bob.post(f"{page}/run/").status_code == 403
    assert bob.post(f"{page}/switch/", {"active": "off"}).status_code == 403
    assert bob.post(f"{page}/change/", FIELDS).status_code == 403
    assert bob.get(f"{page}/change/").status_code == 200
    assert Schedule.objects.get().is_active


def test_the_page_shows_the_last_occurrences_even_of_deleted_jobs(carol: Client) -> None:
    schedule = make_schedule()
    kept, gone = run_schedule(schedule), run_schedule(schedule)
    Job.objects.filter(pk=gone.id).delete()
    page = carol.get(f"{SCHEDULES}{schedule.pk}/change/").content.decode()
    assert job_url(kept.id) in page
    assert page.count('data-label="Trigger">Manual') == 2
