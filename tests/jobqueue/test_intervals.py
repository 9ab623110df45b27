"""The grid of an interval schedule."""

from datetime import UTC, datetime, timedelta

import pytest

from jobqueue.intervals import latest_in, next_in

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)
STEP = 5 * MINUTE


@pytest.mark.parametrize(
    ("moment", "latest", "following"),
    [
        (NOON - 400 * MINUTE, None, NOON),
        (NOON - TICK, None, NOON),
        (NOON, NOON, NOON + STEP),
        (NOON + TICK, NOON, NOON + STEP),
        (NOON + STEP - TICK, NOON, NOON + STEP),
        (NOON + STEP, NOON + STEP, NOON + 2 * STEP),
        (NOON + 1_000_002 * MINUTE, NOON + 1_000_000 * MINUTE, NOON + 1_000_005 * MINUTE),
    ],
)
def test_the_times_around_a_moment(moment: datetime, latest: datetime | None, following: datetime) -> None:
    assert latest_in(NOON, STEP, moment) == latest
    assert next_in(NOON, STEP, moment) == following


def test_steps_are_of_elapsed_time_whatever_clocks_do() -> None:
    before_summer = datetime.fromisoformat("2026-03-28T12:00:00+01:00")

    assert next_in(before_summer, timedelta(days=1), before_summer).isoformat() == "2026-03-29T12:00:00+01:00"
