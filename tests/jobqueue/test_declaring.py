"""Schedules said by code: made once, kept as said, told in full when they are wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobqueue import api, scheduler
from jobqueue.exceptions import InvalidScheduleError
from jobqueue.models import AuditEntry, Job, Schedule
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy, ScheduleKind
from jobqueue.registry import Priority
from tests.jobqueue.factories import make_schedule
from tests.jobqueue.sample.jobs import Number
from tests.jobqueue.threads import in_threads

pytestmark = pytest.mark.django_db


def test_it_is_made_with_what_is_said() -> None:
    made = api.schedule(
        "nightly", "add_one", cron="@daily", timezone="Europe/Berlin", payload={"number": 3}, missed=MissedPolicy.ALL
    )

    stored = Schedule.objects.get()
    assert made == stored
    assert (stored.expression, stored.timezone, stored.payload) == ("0 0 * * *", "Europe/Berlin", {"number": 3})
    assert (stored.missed, stored.is_active) == (MissedPolicy.ALL, True)
    assert stored.next_run_at is not None
    assert not AuditEntry.objects.exists()


def test_said_again_it_stays_as_it_is() -> None:
    api.schedule("nightly", "add_one", cron="@daily", payload=Number(number=3))
    before = Schedule.objects.values().get()

    api.schedule("nightly", "add_one", cron="@daily", payload=Number(number=3))

    assert Schedule.objects.values().get() == before


def test_what_is_said_is_set_back_and_what_is_not_is_the_peoples() -> None:
    api.schedule("nightly", "noop", cron="0 2 * * *", overlap=OverlapPolicy.SKIP)
    Schedule.objects.update(
        expression="0 9 * * *", overlap=OverlapPolicy.ALLOW, is_active=False, next_run_at=None, notes="off for May"
    )

    one = api.schedule("nightly", "noop", cron="0 2 * * *", overlap=OverlapPolicy.SKIP)

    assert (one.expression, one.overlap) == ("0 2 * * *", OverlapPolicy.SKIP)
    assert (one.is_active, one.notes) == (False, "off for May")


def test_another_time_counts_at_once_and_another_payload_leaves_what_is_due_alone() -> None:
    api.schedule("nightly", "add_one", cron="0 2 * * *")
    due = timezone.now() - timedelta(seconds=5)
    Schedule.objects.update(next_run_at=due)

    assert api.schedule("nightly", "add_one", cron="0 2 * * *", payload={"number": 5}).next_run_at == due
    moved = api.schedule("nightly", "add_one", cron="0 3 * * *").next_run_at
    assert moved is not None
    assert moved > timezone.now()


def test_an_interval_that_becomes_a_cron_schedule_withdraws_its_upcoming_job() -> None:
    start = timezone.now() + timedelta(hours=1)
    api.schedule("often", "noop", every=timedelta(minutes=15), starts_at=start)
    Schedule.objects.update(next_run_at=timezone.now())
    assert scheduler.tick() == 1

    one = api.schedule("often", "noop", cron="0 2 * * *")

    assert (one.kind, one.interval) == (ScheduleKind.CRON, None)
    assert not Job.objects.exists()


def test_a_new_one_has_the_queue_and_the_priority_of_its_task_type() -> None:
    assert api.schedule("nightly", "noop", cron="@daily").queue == "default"
    assert api.schedule("other", "noop", cron="@daily", queue="mail", priority=Priority.HIGH).queue == "mail"


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        ({"cron": "0 0 30 2 *"}, {"expression"}),
        ({"cron": "61 * * * *", "payload": {"x": 1}, "missed_cap": 0}, {"expression", "payload", "missed_cap"}),
        ({"cron": "@daily", "timezone": "Mars"}, {"timezone"}),
        ({"every": timedelta(hours=1), "timezone": "Mars"}, {"timezone"}),
        ({"every": timedelta(seconds=10)}, {"interval"}),
        ({"cron": "@daily", "every": timedelta(hours=1)}, {"cron"}),
        ({}, {"cron"}),
        ({"cron": "@daily", "scope": {"planet": 3}}, {"scope"}),
        ({"cron": "@daily", "missed": "never"}, {"missed"}),
        ({"cron": "@daily", "payload": [3]}, {"payload"}),
        ({"cron": "@daily", "ends_at": timezone.now() - timedelta(days=1)}, {"ends_at"}),
    ],
)
def test_all_that_is_wrong_is_told_at_once_and_nothing_is_stored(said: dict[str, object], problems: set[str]) -> None:
    with pytest.raises(InvalidScheduleError, match=r"^The schedule 'nightly' is not possible: ") as raised:
        api.schedule("nightly", "add_one", **said)  # type: ignore[arg-type]  # wrong on purpose

    assert set(raised.value.problems) == problems
    assert not Schedule.objects.exists()


def test_an_unknown_task_type_is_told() -> None:
    with pytest.raises(InvalidScheduleError, match="task_type: Unknown task type 'nope'"):
        api.schedule("nightly", "nope", cron="@daily")


def test_a_wrong_change_leaves_the_schedule_alone() -> None:
    make_schedule("nightly")
    before = Schedule.objects.values().get()

    with pytest.raises(InvalidScheduleError):
        api.schedule("nightly", "noop", cron="0 0 31 11 *", notes="new")

    assert Schedule.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_said_by_many_at_once_it_is_made_once() -> None:
    def say(_: int) -> int:
        return api.schedule("nightly", "noop", every=timedelta(hours=1)).pk

    assert len(set(in_threads(6, say))) == 1
