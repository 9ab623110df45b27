"""What a schedule refuses before it is saved, and when it comes next."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobqueue.models import Schedule
from jobqueue.models.schedule import ScheduleKind
from jobqueue.schedule_rules import first_time
from tests.jobqueue.factories import make_schedule

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def _schedule(**fields: Any) -> Schedule:
    given = {"name": "numbers", "expression": "*/30 * * * *", "task_type": "add_one", "payload": {"number": 1}}
    return Schedule(**{**given, **fields})


def _interval(**fields: Any) -> Schedule:
    given = {"kind": ScheduleKind.INTERVAL, "expression": "", "interval": timedelta(minutes=15)}
    return _schedule(**{**given, **fields})


def _check(schedule: Schedule) -> None:
    """As a form does, which knows nothing of the next time."""
    schedule.full_clean(exclude=["next_run_at"])


def test_a_right_one_is_fine() -> None:
    _check(_schedule(timezone="Europe/Berlin"))


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"expression": "61 * * * *"}, "expression", "the minute .61. is not possible"),
        ({"expression": "every hour"}, "expression", "expected five fields, minute hour day month weekday"),
        ({"expression": "0 0 30 2 *"}, "expression", "no day 30 in month 2"),
        ({"timezone": "Berlin"}, "timezone", "expected an IANA name such as UTC"),
        ({"task_type": "nope"}, "task_type", "Known task types: .*add_one"),
        ({"payload": {"numbr": 1}}, "payload", "unknown field `numbr`"),
        ({"payload": {"number": "1"}}, "payload", "Expected `int`, got `str`"),
        ({"payload": [1]}, "payload", "Expected Number or a mapping, got list"),
        ({"payload": "{}"}, "payload", "Expected Number or a mapping, got str"),
        ({"priority": 7}, "priority", "not a valid choice"),
        ({"name": ""}, "name", "cannot be blank"),
        ({"max_attempts": 0}, "max_attempts", "greater than or equal to 1"),
        ({"missed": "never"}, "missed", "not a valid choice"),
        ({"overlap": "never"}, "overlap", "not a valid choice"),
        ({"missed_cap": 0}, "missed_cap", "greater than or equal to 1"),
        ({"missed_cap": 1_001}, "missed_cap", "less than or equal to 1000"),
        ({"missed_window": timedelta(days=3_661)}, "missed_window", "expected 0 s to 3660 days"),
        ({"interval": timedelta(hours=1)}, "interval", "A schedule with a cron expression has no interval"),
        ({"starts_at": NOON, "ends_at": NOON}, "ends_at", "It ends before it starts: expected a later time"),
        ({"ends_at": NOON}, "ends_at", "It ends before its next run: expected a later time, or an inactive schedule"),
        ({"scope": {"planet": 3}}, "scope", "'planet' is no scope: expected organization or coach"),
    ],
)
def test_what_could_not_be_fired_is_refused_at_its_field(fields: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem) as caught:
        _check(_schedule(**fields))

    assert set(caught.value.message_dict) == {field}


@pytest.mark.parametrize("name", ["missed_window", "jitter"])
def test_no_span_is_negative(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _check(_schedule(**{name: -timedelta(seconds=1)}))

    assert caught.value.message_dict[name][0] == "-1 day, 23:59:59 is not possible: expected 0 s to 3660 days."


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"interval": None}, "interval", "An interval is missing: expected a time such as 00:15:00"),
        ({"interval": timedelta(seconds=59)}, "interval", "59 s is not possible: expected 1 min to 366 d"),
        ({"interval": timedelta(days=367)}, "interval", "is not possible: expected 1 min to 366 d"),
        ({"interval": -timedelta(hours=1)}, "interval", "is not possible: expected 1 min to 366 d"),
        ({"expression": "0 * * * *"}, "expression", "A schedule with an interval has no cron expression"),
    ],
)
def test_an_interval_is_a_minute_to_a_year(fields: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _check(_interval(**fields))

    assert problem in caught.value.message_dict[field][0]


@pytest.mark.parametrize("minutes", [1, 5, 15, 30, 60, 10_080])
def test_a_right_interval_is_fine(minutes: int) -> None:
    _check(_interval(interval=timedelta(minutes=minutes)))


def test_a_right_one_is_complete_after_its_check_in_code() -> None:
    schedule = _schedule(expression=" 0  0 * * mon ")

    schedule.full_clean()
    schedule.save()

    assert schedule.expression == "0 0 * * mon"
    assert schedule.next_run_at is not None
    assert schedule.next_run_at > timezone.now()


def test_an_inactive_one_may_have_ended() -> None:
    _check(_schedule(ends_at=NOON, is_active=False))


@pytest.mark.parametrize(
    "fields",
    [
        {"expression": ""},
        {"interval": timedelta(hours=1)},
        {"kind": "interval", "interval": timedelta(hours=1)},
        {"kind": "interval", "expression": ""},
        {"kind": "interval", "expression": "", "interval": timedelta(seconds=59)},
        {"missed": "x"},
        {"overlap": "x"},
        {"jitter": -timedelta(seconds=1)},
        {"is_active": True, "next_run_at": None},
    ],
)
def test_the_table_refuses_what_could_not_be_fired(fields: dict[str, Any]) -> None:
    schedule = make_schedule()

    with pytest.raises(IntegrityError), transaction.atomic():
        Schedule.objects.filter(pk=schedule.pk).update(**fields)


def test_every_wrong_field_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        _check(_schedule(expression="x", task_type="nope"))

    assert set(caught.value.message_dict) == {"expression", "task_type"}


def test_a_start_that_no_calendar_reaches_is_refused_at_its_field() -> None:
    with pytest.raises(ValidationError) as caught:
        _check(_schedule(starts_at=datetime(9999, 12, 31, tzinfo=UTC)))

    assert set(caught.value.message_dict) == {"starts_at"}


def test_what_is_wrong_is_all_that_is_told() -> None:
    with pytest.raises(ValidationError) as caught:
        _schedule(expression="x").full_clean()

    assert set(caught.value.message_dict) == {"expression"}


def test_a_name_is_taken_once() -> None:
    make_schedule("numbers")

    with pytest.raises(ValidationError, match="already exists"):
        _check(_schedule())


def test_the_next_time_follows_from_the_expression_in_its_zone() -> None:
    schedule = _schedule(expression="0 7 * * *", timezone="America/New_York")

    with time_machine.travel(datetime(2026, 3, 7, 12, 0, tzinfo=UTC)):
        schedule.reschedule()
        assert schedule.next_run_at == datetime(2026, 3, 8, 11, 0, tzinfo=UTC)


class TestInterval:
    def test_a_new_one_begins_at_once(self) -> None:
        with time_machine.travel(NOON, tick=False):
            schedule = _interval()
            schedule.reschedule()

        assert (schedule.counts_from, schedule.next_run_at) == (NOON, NOON)

    def test_an_edited_one_goes_on_after_its_interval(self) -> None:
        schedule = make_schedule(kind=ScheduleKind.INTERVAL, expression="", interval=timedelta(minutes=15))
        with time_machine.travel(NOON, tick=False):
            schedule.reschedule()

        assert schedule.counts_from == NOON + timedelta(minutes=15)
        assert schedule.next_run_at == NOON  # for the scheduler, which makes its upcoming job

    @pytest.mark.parametrize(("start", "first"), [(-50, 10), (-30, 0), (0, 0), (1, 1), (7, 7)])
    def test_its_start_sets_the_grid(self, start: int, first: int) -> None:
        with time_machine.travel(NOON, tick=False):
            schedule = _interval(starts_at=NOON + timedelta(minutes=start), interval=timedelta(minutes=30))
            schedule.reschedule()

        assert first_time(schedule, schedule.counts_from) == NOON + timedelta(minutes=first)

    def test_its_zone_must_exist_too(self) -> None:
        with pytest.raises(ValidationError, match="not a time zone"):
            _check(_interval(timezone="Berlin"))


def test_an_inactive_one_has_no_next_time() -> None:
    schedule = make_schedule()
    schedule.is_active = False

    schedule.reschedule()

    assert schedule.next_run_at is None
