"""Schedules that cannot be fired: told, and in nobody's way."""

from datetime import timedelta
from typing import Any

import pytest
from time_machine import Traveller

from jobqueue import operations
from jobqueue.models import Alert, Job, Occurrence, Schedule
from jobqueue.scheduler import tick
from tests.jobqueue.audited import ALICE
from tests.jobqueue.factories import make_schedule
from tests.jobqueue.letters import letters

from .conftest import NOON

pytestmark = pytest.mark.django_db

HALF_HOUR = timedelta(minutes=30)


def _write_past_the_rules(schedule: Schedule, **fields: Any) -> None:
    Schedule.objects.filter(pk=schedule.pk).update(**fields)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"payload": {"x": 1}}, "unknown field `x`"),
        ({"payload": [1]}, "got list"),
        ({"scope": {"coach": 1}}, "unknown field `coachId`"),
        ({"scope": ["coach"]}, "scope is ['coach']: expected ids by name"),
        ({"priority": 7}, "priority is 7"),
        ({"max_attempts": 0}, "max_attempts is 0"),
        ({"queue": ""}, "queue is ''"),
    ],
)
class TestWhatCannotBeEnqueued:
    def test_each_time_is_recorded_with_the_reason_and_the_schedules_go_on(
        self, clock: Traveller, fields: dict[str, Any], reason: str
    ) -> None:
        broken, fine = make_schedule("broken", notes="mine"), make_schedule("fine")
        _write_past_the_rules(broken, **fields)
        for _ in range(2):
            clock.shift(HALF_HOUR)
            tick()
            Job.objects.all().delete()

        broken.refresh_from_db()
        assert (broken.is_active, broken.next_run_at) == (True, NOON + 3 * HALF_HOUR)
        assert broken.notes == "mine"
        first, second = broken.occurrences.order_by("scheduled_at")
        assert [first.scheduled_at, second.scheduled_at] == [NOON + HALF_HOUR, NOON + 2 * HALF_HOUR]
        assert {one.skipped for one in (first, second)} == {"invalid"}
        assert reason in first.error
        assert not broken.occurrences.exclude(job=None).exists()
        assert fine.occurrences.filter(skipped="").count() == 2

    def test_one_alert_is_raised_and_cleared_when_it_is_well_again(
        self, clock: Traveller, fields: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken = make_schedule("broken")
        well = {name: getattr(broken, name) for name in fields}
        _write_past_the_rules(broken, **fields)
        for _ in range(3):
            clock.shift(HALF_HOUR)
            tick()

        alert = Alert.objects.get()
        assert (alert.kind, alert.subject, alert.raised_at) == ("schedule_invalid", "broken", NOON + HALF_HOUR)
        assert alert.cleared_at is None
        assert alert.message.startswith("broken cannot be fired: ")
        assert reason in alert.message
        assert [record.levelname for record in caplog.records if record.name == "jobqueue.alerts"] == ["ERROR"]
        _write_past_the_rules(broken, **well)
        clock.shift(HALF_HOUR)
        assert tick() == 1
        alert.refresh_from_db()
        assert alert.cleared_at == NOON + 4 * HALF_HOUR


class TestWhatHasNoNextTime:
    @pytest.mark.parametrize(
        ("fields", "reason"),
        [({"expression": "x"}, "not a cron expression"), ({"timezone": "Mars"}, "not a time zone")],
    )
    def test_it_is_switched_off_with_an_alert_and_the_others_go_on(
        self, clock: Traveller, fields: dict[str, Any], reason: str
    ) -> None:
        broken = make_schedule("broken", notes="mine")
        make_schedule("fine")
        _write_past_the_rules(broken, **fields)
        clock.shift(HALF_HOUR)

        assert tick() == 1

        broken.refresh_from_db()
        assert (broken.is_active, broken.next_run_at, broken.notes) == (False, None, "mine")
        assert reason in Alert.objects.get(cleared_at=None).message
        assert not broken.occurrences.exists()
        clock.shift(HALF_HOUR)
        tick()
        assert Alert.objects.filter(cleared_at=None).count() == 1

    def test_an_edit_clears_the_alert(self, clock: Traveller) -> None:
        broken = make_schedule("broken")
        _write_past_the_rules(broken, expression="x")
        clock.shift(HALF_HOUR)
        tick()
        broken.refresh_from_db()
        broken.expression, broken.is_active = "0 * * * *", True

        operations.save_schedule(broken, ALICE)

        assert not Alert.objects.filter(cleared_at=None).exists()
        clock.shift(HALF_HOUR)
        assert tick() == 1


class TestUnknownTaskTypes:
    def test_the_schedule_stays_due_and_the_others_go_on(self, clock: Traveller) -> None:
        for name, task_type in (("a", "gone"), ("b", "noop"), ("c", "gone"), ("d", "noop")):
            make_schedule(name, task_type=task_type)
        clock.shift(HALF_HOUR)

        assert (tick(), tick()) == (2, 0)

        left = Schedule.objects.filter(task_type="gone")
        assert set(left.values_list("is_active", "next_run_at")) == {(True, NOON + HALF_HOUR)}
        assert not Occurrence.objects.filter(schedule__in=left).exists()
        assert not Alert.objects.exists()

    def test_more_of_them_than_fit_in_one_go_hide_nothing(
        self, clock: Traveller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("jobqueue.scheduler._MOST_AT_ONCE", 2)
        for number in range(7):
            make_schedule(f"gone {number}", task_type=f"gone {number}", expression="0 * * * *")
        make_schedule("fine", expression="5 * * * *")
        clock.shift(timedelta(minutes=70))

        assert tick() == 1

    def test_a_process_that_knows_it_fires_it(self, clock: Traveller) -> None:
        make_schedule(task_type="letter")
        clock.shift(HALF_HOUR)
        assert tick() == 0

        with letters():
            assert tick() == 1
        assert Occurrence.objects.get().scheduled_at == NOON + HALF_HOUR


def test_a_uniqueness_rule_that_raises_hurts_its_schedule_alone(clock: Traveller) -> None:
    broken, fine = make_schedule("broken", task_type="letter"), make_schedule("fine")
    clock.shift(HALF_HOUR)

    with letters(unique=lambda _: 1 / 0):
        assert tick() == 1

    assert "ZeroDivisionError" in broken.occurrences.get().error
    assert Job.objects.get().schedule == fine
