"""Where bars stand."""

from datetime import UTC, datetime

import pytest

from jobqueue.admin.dashboard.chart import HEIGHT, charts, rounded_up
from jobqueue.throughput import SPANS, Point

START = datetime(2026, 11, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "top"), [(0, 1), (1, 1), (2, 2), (3, 4), (5, 10), (11, 20), (39, 40), (41, 100), (24_000, 40_000)]
)
def test_the_top_is_the_next_number_that_one_can_halve(number: int, top: int) -> None:
    assert rounded_up(number) == top


def test_parts_stand_on_each_other_and_fill_the_height() -> None:
    executions, failures = charts([Point(start=START, succeeded=6, failed=4, ended_badly=1)], SPANS["1h"])

    (bar,) = executions.bars
    assert [(part.status, part.y, part.height) for part in bar.parts] == [("succeeded", 40, 60), ("failed", 0, 40)]
    (bar,) = failures.bars
    assert [(part.status, part.height) for part in bar.parts] == [("dead", 25), ("retrying", 75)]
    assert (executions.total, executions.top, failures.total) == (10, 10, 4)


def test_one_failure_among_thousands_is_to_be_seen() -> None:
    executions, _ = charts([Point(start=START, succeeded=39_999, failed=1)], SPANS["1h"])

    (bar,) = executions.bars
    assert bar.parts[-1].height >= HEIGHT / 100
    assert bar.parts[-1].y >= 0


def test_steps_without_anything_have_no_bar() -> None:
    executions, failures = charts([Point(start=START), Point(start=START, succeeded=1)], SPANS["1h"])

    assert [int(bar.x) for bar in executions.bars] == [1]
    assert not failures.bars
