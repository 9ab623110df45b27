"""Schedules that start in the same minute."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobqueue.collisions import Collision, collisions, collisions_of
from jobqueue.cron import InvalidExpressionError
from jobqueue.models import Schedule
from jobqueue.models.schedule import ScheduleKind
from tests.jobqueue.factories import make_schedule

MIDNIGHT = datetime(2126, 3, 10, tzinfo=UTC)


def _at(*minutes: float) -> list[datetime]:
    return [MIDNIGHT + timedelta(minutes=minute) for minute in minutes]


def test_the_most_frequent_comes_first() -> None:
    found = collisions({"b": _at(5, 10), "never": _at(1), "often": _at(0, 5, 10), "a": _at(0, 10)}, _at(0, 5, 10))

    assert found == [
        Collision(name="often", times=3, first=_at(0)[0]),
        Collision(name="a", times=2, first=_at(0)[0]),
        Collision(name="b", times=2, first=_at(5)[0]),
    ]


def test_the_minute_counts_not_the_second_nor_the_number_of_runs() -> None:
    assert collisions({"other": _at(5.2, 5.9)}, _at(5)) == [Collision(name="other", times=1, first=_at(5)[0])]
    assert collisions({"other": _at(6)}, _at(5.99)) == []
    assert collisions({}, _at(5)) == []


def _every(name: str, expression: str, **fields: object) -> Schedule:
    schedule = make_schedule(name, expression=expression, **fields)
    Schedule.objects.filter(pk=schedule.pk).update(next_run_at=fields.pop("next_run_at", MIDNIGHT))
    return schedule


@pytest.mark.django_db
def test_active_schedules_of_the_same_queue_are_looked_at_in_one_query() -> None:
    own = _every("own", "0 * * * *")
    _every("half hours", "*/30 * * * *")
    _every("four hours in Berlin", "0 */4 * * *", timezone="Europe/Berlin")
    _every("beside", "10 * * * *")
    _every("asleep", "0 * * * *", is_active=False)
    _every("elsewhere", "0 * * * *", queue="other")
    _every("broken", "0 * * * *")
    Schedule.objects.filter(name="broken").update(expression="61 * * * *")
    _every("every six hours", "", kind=ScheduleKind.INTERVAL, interval=timedelta(hours=6), starts_at=MIDNIGHT)

    with CaptureQueriesContext(connection) as captured:
        found = collisions_of(own, MIDNIGHT)

    assert len(captured) == 1
    assert [(one.name, one.times) for one in found] == [
        ("half hours", 24),
        ("four hours in Berlin", 6),
        ("every six hours", 4),
    ]
    assert found[0].first == MIDNIGHT + timedelta(hours=1)
    assert [one.name for one in collisions_of(own, MIDNIGHT, hours=2)] == ["half hours"]


@pytest.mark.django_db
def test_one_that_is_not_saved_yet_is_looked_at_as_well() -> None:
    _every("half hours", "*/30 * * * *")

    assert [one.times for one in collisions_of(Schedule(expression="*/15 * * * *"), MIDNIGHT, hours=1)] == [2]
    with pytest.raises(InvalidExpressionError):
        collisions_of(Schedule(expression="*/0 * * * *"), MIDNIGHT)


@pytest.mark.django_db
def test_of_very_many_schedules_those_that_run_next_are_looked_at() -> None:
    for hour in range(4):
        _every(f"at {hour}", f"0 {hour} * * *", next_run_at=MIDNIGHT + timedelta(hours=hour))

    found = collisions_of(Schedule(expression="0 * * * *"), MIDNIGHT - timedelta(minutes=1), most=2)

    assert [one.name for one in found] == ["at 0", "at 1"]
