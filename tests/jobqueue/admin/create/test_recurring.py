"""Creating a job that comes again and again: a schedule by interval."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobqueue.models import Job, Schedule
from jobqueue.models.schedule import ScheduleKind
from jobqueue.scheduler import tick
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.create.forms import CREATE, errors, new
from tests.jobqueue.admin.pages import said
from tests.jobqueue.audited import the_entry


@pytest.fixture
def carol(sign_in: SignIn) -> Client:
    """May operate and make schedules."""
    return sign_in("carol", "operate_job", "add_schedule")


def again(client: Client, **changes: Any) -> Any:
    """The answer to a job that is to come every quarter of an hour."""
    return client.post(CREATE, {**new(client, recurring="on", interval_0="900"), **changes})


def test_it_makes_a_schedule_whose_next_job_is_in_the_queue(carol: Client) -> None:
    response = again(carol, **{"payload-number": "4"})
    assert response.status_code == 302, errors(response)
    schedule = Schedule.objects.get()
    assert (schedule.kind, schedule.interval) == (ScheduleKind.INTERVAL, timedelta(minutes=15))
    assert (schedule.name, schedule.payload) == ("add_one every 15m", {"number": 4})
    assert schedule.created_by == User.objects.get(username="carol")
    assert not Job.objects.exists()
    assert "It first runs now." in said(response)[0]
    assert (the_entry().action, the_entry().object_label) == ("SCHEDULE_CREATE", "add_one every 15m")
    tick()
    job = Job.objects.get()
    assert (job.payload, job.schedule) == ({"number": 4}, schedule)


def test_a_second_one_has_a_name_of_its_own(carol: Client) -> None:
    for _ in range(3):
        again(carol)
    again(carol, name="mine")
    names = set(Schedule.objects.values_list("name", flat=True))
    assert names == {"add_one every 15m", "add_one every 15m (2)", "add_one every 15m (3)", "mine"}


@pytest.mark.parametrize(
    ("choice", "span"), [("3600", timedelta(hours=1)), ("604800", timedelta(days=7)), ("2592000", timedelta(days=30))]
)
def test_it_ends_so_long_after_its_start(carol: Client, choice: str, span: timedelta) -> None:
    again(carol, ends_0=choice, run_at="2036-07-01T08:00", timezone="Europe/Berlin")
    schedule = Schedule.objects.get()
    assert schedule.starts_at == datetime(2036, 7, 1, 6, 0, tzinfo=UTC)
    assert schedule.ends_at == schedule.starts_at + span


def test_it_never_ends_unless_that_is_said(carol: Client) -> None:
    again(carol)
    assert Schedule.objects.get().ends_at is None


def test_an_exact_end_is_read_on_the_clocks_of_the_zone(carol: Client) -> None:
    again(carol, ends_0="other", ends_1="2036-12-01T08:00", timezone="America/New_York")
    assert Schedule.objects.get().ends_at == datetime(2036, 12, 1, 13, 0, tzinfo=UTC)


def test_a_delay_puts_off_its_first_run(carol: Client) -> None:
    again(carol, delay="2h")
    start = Schedule.objects.get().starts_at
    assert start is not None
    assert timedelta(minutes=119) < start - timezone.now() <= timedelta(hours=2)


def test_its_queue_priority_and_attempts_are_as_said(carol: Client) -> None:
    again(carol, queue="mail", priority="100", max_attempts="9")
    schedule = Schedule.objects.get()
    assert (schedule.queue, schedule.priority, schedule.max_attempts) == ("mail", 100, 9)


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"tags": "a"}, "tags", "The jobs of a schedule have no “Tags”"),
        ({"timeout": "5m"}, "timeout", "The jobs of a schedule have no “Timeout”"),
        ({"deadline": "2036-07-01T08:00"}, "deadline", "The jobs of a schedule have no “Start by”"),
        ({"interval_0": "other"}, "interval", "An interval is missing"),
        ({"interval_0": "other", "interval_1": "30", "interval_2": "1"}, "interval", "expected 1 min to 366 d"),
        ({"name": "x" * 101}, "name", "at most 100 characters"),
        ({"ends_0": "other"}, "ends", "An exact time is missing"),
        ({"ends_0": "other", "ends_1": "2020-01-01T00:00"}, "ends", "It ends before its next run"),
        (
            {"ends_0": "other", "ends_1": "2036-03-30T02:30", "timezone": "Europe/Berlin"},
            "ends",
            "set forward over 02:30",
        ),
    ],
)
def test_what_is_not_possible_is_told_at_its_field(
    carol: Client, changes: dict[str, str], field: str, told: str
) -> None:
    assert told in errors(again(carol, **changes))[field]
    assert not Schedule.objects.exists()
    assert not Job.objects.exists()


def test_a_name_that_is_taken_is_refused(carol: Client) -> None:
    again(carol, name="mine")
    assert "already exists" in errors(again(carol, name="mine"))["name"]


def test_what_was_filled_in_for_it_does_not_matter_if_it_does_not_recur(carol: Client) -> None:
    data = new(carol, interval_0="900", ends_0="3600", name="mine")
    assert carol.post(CREATE, data).status_code == 302
    assert not Schedule.objects.exists()
    assert Job.objects.count() == 1


def test_who_may_make_no_schedules_is_not_offered_it_and_refused(alice: Client) -> None:
    data = new(alice)
    assert "interval_0" not in data
    assert alice.post(CREATE, {**data, "recurring": "on", "interval_0": "900"}).status_code == 403
    assert (the_entry().action, the_entry().is_refused) == ("SCHEDULE_CREATE", True)
    assert not Schedule.objects.exists()
    assert not Job.objects.exists()
