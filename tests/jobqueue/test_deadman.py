"""The dead man's check: a schedule that has not fired is told once, with the likely reason, until it is well again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from time_machine import Traveller

from jobqueue import alerts, deadman
from jobqueue.models import Alert, Schedule, SchedulerBeat
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.scheduler import beat, tick
from tests.jobqueue.factories import make_schedule
from tests.jobqueue.threads import in_threads

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """The application's clock, standing at noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def _late(clock: Traveller, name: str = "nightly", **fields: Any) -> Schedule:
    """Was due at half past twelve; now it is seven minutes later."""
    clock.move_to(NOON)
    schedule = make_schedule(name, **fields)
    clock.shift(37 * MINUTE)
    return schedule


def _message() -> str:
    deadman.check()
    return Alert.objects.get().message


def _log(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == "jobqueue.alerts"]


@pytest.mark.django_db
class TestAlert:
    def test_within_its_grace_nothing_is_late(self, clock: Traveller) -> None:
        _late(clock, grace=7 * MINUTE)

        assert deadman.check() == []
        assert not Alert.objects.exists()

    def test_what_is_late_is_told_and_logged_once(self, clock: Traveller, caplog: pytest.LogCaptureFixture) -> None:
        schedule = _late(clock, grace=6 * MINUTE)

        for _ in range(3):
            assert deadman.check() == [schedule]
            clock.shift(MINUTE)

        alert = Alert.objects.get()
        assert (alert.kind, alert.subject, alert.schedule) == ("schedule_late", "nightly", schedule)
        assert (alert.raised_at, alert.cleared_at) == (NOON + 37 * MINUTE, None)
        assert _log(caplog) == [alert.message]

    def test_it_is_cleared_when_the_schedule_fires(self, clock: Traveller) -> None:
        _late(clock)
        deadman.check()
        tick()

        assert deadman.check() == []
        assert Alert.objects.get().cleared_at == NOON + 37 * MINUTE
        assert alerts.open_alerts() == []

    @pytest.mark.parametrize("well", [{"is_active": False}, {"next_run_at": NOON + timedelta(days=1)}])
    def test_it_is_cleared_when_the_schedule_is_switched_off_or_moved(
        self, clock: Traveller, well: dict[str, Any]
    ) -> None:
        schedule = _late(clock)
        deadman.check()
        Schedule.objects.filter(pk=schedule.pk).update(**well)
        deadman.check()

        assert alerts.open_alerts() == []

    def test_late_again_it_is_told_again(self, clock: Traveller, caplog: pytest.LogCaptureFixture) -> None:
        _late(clock)
        deadman.check()
        tick()
        deadman.check()
        clock.shift(30 * MINUTE)
        deadman.check()

        assert Alert.objects.count() == len(_log(caplog)) == 2
        assert [alert.raised_at for alert in alerts.open_alerts()] == [NOON + 67 * MINUTE]

    def test_each_late_schedule_has_its_own_alert(self, clock: Traveller) -> None:
        late, fine = _late(clock, "late"), _late(clock, "fine")
        deadman.check()
        Schedule.objects.filter(pk=fine.pk).update(is_active=False)
        deadman.check()

        assert [alert.schedule for alert in alerts.open_alerts()] == [late]

    def test_other_alerts_of_the_schedule_are_left_alone(self, clock: Traveller) -> None:
        schedule = make_schedule(payload={"x": 1})
        clock.shift(30 * MINUTE)
        tick()
        deadman.check()

        (alert,) = alerts.open_alerts()
        assert (alert.kind, alert.schedule) == ("schedule_invalid", schedule)

    def test_more_late_ones_than_are_looked_at_clear_nothing_by_mistake(
        self, clock: Traveller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in "abc":
            _late(clock, name)
        deadman.check()
        monkeypatch.setattr(deadman, "MOST", 2)

        assert len(deadman.check()) == 2
        assert len(alerts.open_alerts()) == 3

    def test_a_deleted_schedule_has_no_alert(self, clock: Traveller) -> None:
        schedule = _late(clock)
        deadman.check()
        schedule.delete()

        assert not Alert.objects.exists()

    def test_one_of_the_same_name_has_its_own(self, clock: Traveller) -> None:
        _late(clock).delete()
        again = _late(clock)
        deadman.check()

        assert [alert.schedule for alert in alerts.open_alerts()] == [again]


@pytest.mark.django_db
class TestReason:
    def test_it_begins_with_what_is_the_case(self, clock: Traveller) -> None:
        _late(clock)

        assert _message().startswith("nightly has not fired: it was due 7 min ago, at 2026-03-10 12:30 UTC. ")

    def test_no_scheduler_has_ever_run(self, clock: Traveller) -> None:
        _late(clock)

        assert _message().endswith(
            "No scheduler has run yet: start a worker (manage.py run_worker) or manage.py run_scheduler."
        )

    @pytest.mark.parametrize(
        ("source", "remedy"),
        [
            (TickSource.WORKER, "start a worker or run_scheduler"),
            (TickSource.RUN_SCHEDULER, "start a worker or run_scheduler"),
            (TickSource.CRONTAB, "look at manage.py crontab show"),
        ],
    )
    def test_the_scheduler_fell_silent(self, clock: Traveller, source: TickSource, remedy: str) -> None:
        clock.shift(27 * MINUTE)
        beat(source, "host-1:4711")
        _late(clock)

        assert _message().endswith(f"No scheduler has ticked for 10 min (host-1:4711 was the last): {remedy}.")

    def test_no_scheduler_knows_the_task_type(self, clock: Traveller) -> None:
        _late(clock, task_type="gone")
        beat(TickSource.WORKER, "host-1:4711")
        tick()

        assert _message().endswith("No running scheduler knows its task type gone: deploy the code that has it.")

    def test_a_scheduler_is_at_work_all_the_same(self, clock: Traveller) -> None:
        _late(clock)
        beat(TickSource.WORKER, "host-1:4711")

        assert _message().endswith("A scheduler is at work (host-1:4711), so look at its log for errors.")


@pytest.mark.django_db
class TestBeat:
    def test_who_ticked_last_is_told(self, clock: Traveller) -> None:
        beat(TickSource.WORKER, "host-1:4711")
        clock.shift(timedelta(seconds=10))
        beat(TickSource.CRONTAB, "host-2:12")

        last = SchedulerBeat.objects.get()
        assert (last.at, last.source, last.holder) == (NOON + timedelta(seconds=10), "crontab", "host-2:12")

    def test_many_schedulers_write_it_every_ten_seconds_alone(self, clock: Traveller) -> None:
        beat(TickSource.WORKER, "host-1:4711")
        clock.shift(timedelta(seconds=8))
        beat(TickSource.WORKER, "host-2:4711")

        assert SchedulerBeat.objects.get().holder == "host-1:4711"

    def test_one_of_the_future_is_overwritten(self, clock: Traveller) -> None:
        clock.shift(timedelta(days=1))
        beat(TickSource.WORKER, "host with a wrong clock:1")
        clock.shift(timedelta(days=-1))
        beat(TickSource.WORKER, "host-1:4711")

        assert SchedulerBeat.objects.get().holder == "host-1:4711"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_notice_at_once_one_tells(caplog: pytest.LogCaptureFixture) -> None:
    schedule = make_schedule()
    Schedule.objects.filter(pk=schedule.pk).update(next_run_at=NOON)

    in_threads(6, lambda _: deadman.check())

    assert Alert.objects.count() == len(_log(caplog)) == 1
    connection.close()
