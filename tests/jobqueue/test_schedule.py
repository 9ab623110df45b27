"""What a schedule refuses before it is saved, and when it comes next."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from jobqueue.models import Schedule
from tests.jobqueue.factories import make_schedule

pytestmark = pytest.mark.django_db


def _schedule(**fields: Any) -> Schedule:
    given = {"name": "numbers", "expression": "*/30 * * * *", "task_type": "add_one", "payload": {"number": 1}}
    return Schedule(**{**given, **fields})


def _check(schedule: Schedule) -> None:
    """As a form does, which knows nothing of the next time."""
    schedule.full_clean(exclude=["next_run_at"])


def test_a_right_one_is_fine() -> None:
    _check(_schedule(timezone="Europe/Berlin"))


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"expression": "61 * * * *"}, "expression", "Bad minute"),
        ({"expression": "every hour"}, "expression", "expected five fields, minute hour day month weekday"),
        ({"expression": "0 0 30 2 *"}, "expression", "Bad day-of-month"),
        ({"timezone": "Berlin"}, "timezone", "expected an IANA name such as UTC"),
        ({"task_type": "nope"}, "task_type", "Known task types: .*add_one"),
        ({"payload": {"numbr": 1}}, "payload", "unknown field `numbr`"),
        ({"payload": {"number": "1"}}, "payload", "Expected `int`, got `str`"),
        ({"payload": [1]}, "payload", "Expected Number or a mapping, got list"),
        ({"payload": "{}"}, "payload", "Expected Number or a mapping, got str"),
        ({"priority": 7}, "priority", "not a valid choice"),
        ({"name": ""}, "name", "cannot be blank"),
        ({"max_attempts": 0}, "max_attempts", "greater than or equal to 1"),
    ],
)
def test_what_could_not_be_fired_is_refused_at_its_field(fields: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem) as caught:
        _check(_schedule(**fields))

    assert set(caught.value.message_dict) == {field}


def test_every_wrong_field_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        _check(_schedule(expression="x", task_type="nope"))

    assert set(caught.value.message_dict) == {"expression", "task_type"}


def test_a_name_is_taken_once() -> None:
    make_schedule("numbers")

    with pytest.raises(ValidationError, match="already exists"):
        _check(_schedule())


def test_the_next_time_follows_from_the_expression_in_its_zone() -> None:
    schedule = _schedule(expression="0 7 * * *", timezone="America/New_York")

    with time_machine.travel(datetime(2026, 3, 7, 12, 0, tzinfo=UTC)):
        schedule.reschedule()
        assert schedule.next_run_at == datetime(2026, 3, 8, 11, 0, tzinfo=UTC)


def test_an_inactive_one_has_no_next_time() -> None:
    schedule = make_schedule()
    schedule.is_active = False

    schedule.reschedule()

    assert schedule.next_run_at is None
