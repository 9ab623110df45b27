"""What charts, lists and metrics are told."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobqueue.throughput import SPANS, by_type, fold, series
from jobqueue.throughput.bounds import quantile

from .rows import minutes_ago, ran

pytestmark = pytest.mark.django_db


class TestSeries:
    @pytest.mark.parametrize(("name", "points"), [("1h", 60), ("24h", 72), ("7d", 84)])
    def test_has_a_point_per_step_also_where_nothing_ran(self, name: str, points: int) -> None:
        found = series(SPANS[name])

        assert len(found) == points
        assert {point.total for point in found} == {0}
        assert found[1].start - found[0].start == SPANS[name].step

    def test_tells_success_failure_and_the_rest_apart(self) -> None:
        with time_machine.travel("2026-11-28T10:30:30Z", tick=False):
            ran(minutes_ago(5), 4)
            ran(minutes_ago(5), 2, outcome="error", status="retrying")
            ran(minutes_ago(5), 1, outcome="timed_out", status="dead")
            ran(minutes_ago(5), 3, outcome="postponed", status="pending")

            point = series(SPANS["1h"])[-6]

        assert (point.succeeded, point.failed, point.other, point.ended_badly, point.total) == (4, 3, 3, 1, 10)

    @pytest.mark.parametrize("name", list(SPANS))
    def test_finds_what_is_folded_and_what_is_not(self, name: str) -> None:
        with time_machine.travel("2026-11-28T10:30:30Z", tick=False):
            ran(minutes_ago(1), 1)
            ran(minutes_ago(120), 10)
            ran(minutes_ago(60 * 48), 100)
            before = sum(point.total for point in series(SPANS[name]))
            fold()

            assert sum(point.total for point in series(SPANS[name])) == before
        assert before == {"1h": 1, "24h": 11, "7d": 111}[name]

    def test_can_be_of_one_task_type(self) -> None:
        ran(minutes_ago(1), 1)
        ran(minutes_ago(1), 5, task_type="nap")

        assert sum(point.total for point in series(SPANS["1h"], "nap")) == 5


class TestTaskTypes:
    def test_are_summed_up_each(self) -> None:
        ran(minutes_ago(1), 3)
        ran(minutes_ago(2), 1, outcome="error", status="dead", seconds=5.0, longest=5.0, longest_wait=2.0)
        ran(minutes_ago(2), 1, task_type="nap", waited=0, wait_seconds=0.0)
        ran(minutes_ago(200), 9)

        nap, noop = by_type(timedelta(hours=1))

        assert (noop.task_type, noop.runs, noop.failed, noop.ended_badly) == ("noop", 4, 1, 1)
        assert (noop.mean, noop.longest, noop.p95, noop.failure_rate) == (2.0, 5.0, 1.0, 0.25)
        assert (noop.mean_wait, noop.longest_wait) == (0.5, 2.0)
        assert (nap.task_type, nap.mean_wait) == ("nap", None)

    def test_cost_one_query(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            by_type(timedelta(days=7))
        assert len(queries) == 1


@pytest.mark.parametrize(
    ("durations", "bound"),
    [
        ([0] * 11, None),
        ([100, *[0] * 10], 0.005),
        ([94, 0, 0, 0, 6, *[0] * 6], 1.0),
        ([95, 0, 0, 0, 5, *[0] * 6], 0.005),
        ([*[0] * 10, 1], float("inf")),
    ],
)
def test_a_quantile_is_the_bound_that_holds_it(durations: list[int], bound: float | None) -> None:
    assert quantile(durations, 0.95) == bound
