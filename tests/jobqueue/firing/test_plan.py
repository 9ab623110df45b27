"""What becomes of the times that have come: each policy, and each with each."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from jobqueue.cron import InvalidExpressionError, InvalidTimezoneError
from jobqueue.firing.plan import Plan, Unfinished, plan
from jobqueue.models import Schedule
from jobqueue.models.occurrence import Skipped, Trigger

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WAITS, RUNS = UUID(int=1), UUID(int=2)
NOTHING = Unfinished()
WAITING, BEGUN = Unfinished(waiting=[WAITS]), Unfinished(begun=[RUNS])
BOTH = Unfinished(waiting=[WAITS], begun=[RUNS])


def _schedule(**fields: Any) -> Schedule:
    """Every ten minutes, due since noon."""
    return Schedule(**{"pk": 7, "name": "s", "expression": "*/10 * * * *", "next_run_at": NOON, **fields})


def _plan(after: timedelta, unfinished: Unfinished = NOTHING, **fields: Any) -> Plan:
    """What is planned so long after noon."""
    return plan(_schedule(**fields), NOON + after, unfinished)


def _minutes(moments: list[datetime]) -> list[float]:
    return [(moment - NOON) / MINUTE for moment in moments]


def _fired(planned: Plan) -> list[float]:
    return _minutes([firing.scheduled_at for firing in planned.firings])


def _skipped(planned: Plan) -> list[float]:
    return _minutes([skip.scheduled_at for skip in planned.skips])


class TestOnTime:
    @pytest.mark.parametrize("missed", ["skip", "once", "all"])
    @pytest.mark.parametrize("late", [timedelta(), MINUTE, 5 * MINUTE])
    def test_within_the_grace_it_counts_as_on_time(self, missed: str, late: timedelta) -> None:
        planned = _plan(late, missed=missed)

        (firing,) = planned.firings
        assert (firing.scheduled_at, firing.run_at, firing.trigger) == (NOON, NOON, Trigger.SCHEDULE)
        assert not firing.is_behind
        assert planned.skips == []
        assert planned.next_run_at == NOON + 10 * MINUTE

    def test_a_grace_longer_than_the_window_counts(self) -> None:
        (firing,) = _plan(9 * MINUTE, missed="skip", grace=9 * MINUTE, missed_window=MINUTE).firings

        assert firing.trigger == Trigger.SCHEDULE


class TestMissed:
    def test_skip_fires_nothing_and_records_each(self) -> None:
        planned = _plan(38 * MINUTE, missed="skip")

        assert (_fired(planned), _skipped(planned)) == ([], [0, 10, 20, 30])
        assert {(skip.reason, skip.times, skip.trigger) for skip in planned.skips} == {("missed", 1, "schedule")}
        assert planned.next_run_at == NOON + 40 * MINUTE

    def test_skip_fires_the_latest_if_that_is_on_time(self) -> None:
        planned = _plan(32 * MINUTE, missed="skip")

        assert (_fired(planned), _skipped(planned)) == ([30], [0, 10, 20])
        assert planned.firings[0].trigger == Trigger.SCHEDULE

    def test_once_makes_up_for_the_latest_and_records_the_others(self) -> None:
        planned = _plan(38 * MINUTE, missed="once")

        assert (_fired(planned), _skipped(planned)) == ([30], [0, 10, 20])
        assert planned.firings[0].trigger == Trigger.CATCH_UP

    def test_once_leaves_out_what_is_older_than_the_window(self) -> None:
        within = _plan(8 * MINUTE, missed="once", missed_window=8 * MINUTE)
        beyond = _plan(8 * MINUTE, missed="once", missed_window=7 * MINUTE)

        assert (_fired(within), _skipped(within)) == ([0], [])
        assert (_fired(beyond), _skipped(beyond)) == ([], [0])

    def test_all_makes_up_for_each_one_behind_the_other(self) -> None:
        planned = _plan(38 * MINUTE, missed="all")

        assert (_fired(planned), _skipped(planned)) == ([0, 10, 20, 30], [])
        assert {(firing.trigger, firing.is_behind) for firing in planned.firings} == {("catch_up", True)}
        assert planned.next_run_at == NOON + 40 * MINUTE

    def test_all_tells_the_latest_from_what_it_makes_up_for(self) -> None:
        planned = _plan(22 * MINUTE, missed="all")

        assert [firing.trigger for firing in planned.firings] == ["catch_up", "catch_up", "schedule"]

    def test_all_leaves_out_what_is_older_than_the_window(self) -> None:
        planned = _plan(38 * MINUTE, missed="all", missed_window=20 * MINUTE)

        assert (_fired(planned), _skipped(planned)) == ([20, 30], [0, 10])

    def test_all_makes_up_for_the_latest_if_there_are_more_than_its_cap(self) -> None:
        planned = _plan(38 * MINUTE, missed="all", missed_cap=3)

        assert (_fired(planned), _skipped(planned)) == ([10, 20, 30], [0])

    def test_what_is_made_up_for_queues_behind_what_came_in_time(self) -> None:
        planned = _plan(22 * MINUTE, missed="all")

        assert _minutes([firing.run_at for firing in planned.firings]) == [22, 22, 20]

    @pytest.mark.parametrize("unfinished", [NOTHING, WAITING, BEGUN, BOTH])
    @pytest.mark.parametrize("overlap", ["skip", "queue_one"])
    def test_all_makes_up_for_each_whatever_is_unfinished(self, overlap: str, unfinished: Unfinished) -> None:
        planned = _plan(38 * MINUTE, unfinished, missed="all", overlap=overlap)

        assert (_fired(planned), _skipped(planned)) == ([0, 10, 20, 30], [])
        assert all(firing.is_behind for firing in planned.firings)

    @pytest.mark.parametrize("overlap", ["skip", "queue_one"])
    def test_all_makes_up_for_a_single_one_too(self, overlap: str) -> None:
        planned = _plan(8 * MINUTE, WAITING, missed="all", overlap=overlap)

        assert [(firing.trigger, firing.is_behind) for firing in planned.firings] == [("catch_up", True)]

    def test_all_side_by_side_if_overlap_is_allowed(self) -> None:
        planned = _plan(38 * MINUTE, BOTH, missed="all", overlap="allow")

        assert _fired(planned) == [0, 10, 20, 30]
        assert not any(firing.is_behind for firing in planned.firings)

    def test_what_comes_while_all_is_being_made_up_for_is_an_overlap(self) -> None:
        planned = _plan(MINUTE, BOTH, missed="all", overlap="queue_one")

        assert (_fired(planned), _skipped(planned)) == ([], [0])
        assert planned.skips[0].reason == Skipped.OVERLAP


class TestOverlap:
    @pytest.mark.parametrize(
        ("overlap", "unfinished", "outcome"),
        [
            ("skip", NOTHING, "fired"),
            ("skip", WAITING, "skipped"),
            ("skip", BEGUN, "skipped"),
            ("skip", BOTH, "skipped"),
            ("queue_one", NOTHING, "fired"),
            ("queue_one", WAITING, "skipped"),
            ("queue_one", BEGUN, "behind"),
            ("queue_one", BOTH, "skipped"),
            ("allow", NOTHING, "fired"),
            ("allow", WAITING, "fired"),
            ("allow", BEGUN, "fired"),
            ("allow", BOTH, "fired"),
        ],
    )
    @pytest.mark.parametrize("missed", ["skip", "once", "all"])
    def test_on_time(self, missed: str, overlap: str, unfinished: Unfinished, outcome: str) -> None:
        planned = _plan(MINUTE, unfinished, missed=missed, overlap=overlap)

        assert [firing.is_behind for firing in planned.firings] == (
            [] if outcome == "skipped" else [outcome == "behind"]
        )
        assert [skip.reason for skip in planned.skips] == (["overlap"] if outcome == "skipped" else [])
        assert planned.next_run_at == NOON + 10 * MINUTE

    def test_a_late_one_that_is_in_the_way_of_nothing_but_overlaps_is_told_as_overlap(self) -> None:
        planned = _plan(38 * MINUTE, WAITING, missed="once", overlap="queue_one")

        assert [(skip.reason, skip.trigger) for skip in planned.skips] == [
            ("missed", "schedule"),
            ("missed", "schedule"),
            ("missed", "schedule"),
            ("overlap", "catch_up"),
        ]


class TestLongStandstills:
    @pytest.mark.parametrize("missed", ["skip", "once", "all"])
    def test_what_is_recorded_of_a_day_stands_for_every_minute_of_it(self, missed: str) -> None:
        planned = _plan(DAY, expression="* * * * *", missed=missed, missed_cap=30)

        assert len(planned.skips) == 200
        assert [skip.times for skip in planned.skips[1:]] == [1] * 199
        assert sum(skip.times for skip in planned.skips) + len(planned.firings) == 1441
        assert len(planned.firings) == (30 if missed == "all" else 1)
        assert _skipped(planned) == sorted(_skipped(planned))
        assert planned.next_run_at == NOON + DAY + MINUTE

    @pytest.mark.parametrize("missed", ["skip", "once", "all"])
    @pytest.mark.parametrize("expression", ["* * * * *", "*/7 1-5 * * *", "0 7 * * *"])
    def test_of_a_year_the_latest_count_and_the_next_is_ahead(self, expression: str, missed: str) -> None:
        now = 365 * DAY + timedelta(seconds=30)
        planned = _plan(now, expression=expression, missed=missed)

        assert len(planned.skips) <= 200
        assert planned.next_run_at is not None
        assert planned.next_run_at > NOON + now
        if expression == "* * * * *":
            assert _fired(planned)[-1] == 365 * 24 * 60
            assert len(planned.firings) == (60 if missed == "all" else 1)

    @pytest.mark.parametrize("number", range(9_998, 10_004))
    def test_no_time_is_lost_where_counting_ends(self, number: int) -> None:
        planned = _plan(number * MINUTE, expression="* * * * *", missed="all", missed_cap=50)

        assert _fired(planned) == list(range(number - 49, number + 1))
        assert sum(skip.times for skip in planned.skips) == number - 49

    def test_of_a_standstill_that_outlasts_the_end_one_plan_is_all(self) -> None:
        planned = _plan(11 * DAY, expression="* * * * *", ends_at=NOON + 10 * DAY, missed_window=5 * DAY)

        assert _fired(planned) == [10 * 24 * 60]
        assert planned.next_run_at is None


class TestEnd:
    def test_the_end_itself_is_a_time(self) -> None:
        planned = _plan(timedelta(), ends_at=NOON)

        assert _fired(planned) == [0]
        assert planned.next_run_at is None

    def test_after_the_end_there_is_no_next_one(self) -> None:
        assert _plan(MINUTE, ends_at=NOON + 9 * MINUTE).next_run_at is None
        assert _plan(MINUTE, ends_at=NOON + 10 * MINUTE).next_run_at == NOON + 10 * MINUTE

    def test_times_before_the_end_are_made_up_for_after_it(self) -> None:
        planned = _plan(38 * MINUTE, missed="all", ends_at=NOON + 15 * MINUTE)

        assert _fired(planned) == [0, 10]
        assert planned.next_run_at is None


class TestJitter:
    def _delay(self, **fields: Any) -> timedelta:
        (firing,) = _plan(timedelta(), **fields).firings
        assert firing.scheduled_at == NOON
        return firing.run_at - NOON

    def test_it_is_the_same_whoever_asks(self) -> None:
        assert self._delay(jitter=HOUR) == self._delay(jitter=HOUR) != timedelta()

    def test_without_it_nothing_is_delayed(self) -> None:
        assert self._delay() == timedelta()

    def test_it_spreads_schedules_evenly(self) -> None:
        delays = [self._delay(pk=pk, jitter=HOUR) for pk in range(1_000)]

        tenths = [sum(delay * 10 // HOUR == tenth for delay in delays) for tenth in range(10)]
        assert timedelta() <= min(delays) <= max(delays) < HOUR
        assert sum(tenths) == 1_000
        assert min(tenths) > 60

    def test_it_spreads_the_times_of_one_schedule(self) -> None:
        planned = _plan(DAY - MINUTE, missed="all", missed_window=DAY, missed_cap=1_000, grace=DAY, jitter=HOUR)

        delays = [firing.run_at - firing.scheduled_at for firing in planned.firings]
        assert len(set(delays)) == len(delays) == 144
        assert max(delays) - min(delays) > HOUR * 0.9


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"expression": "x"}, InvalidExpressionError), ({"timezone": "Mars"}, InvalidTimezoneError)],
)
def test_what_cannot_be_read_is_an_error(fields: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        _plan(timedelta(), **fields)
