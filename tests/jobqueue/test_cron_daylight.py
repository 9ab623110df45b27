"""Cron expressions in the nights when clocks change: by Debian cron's rule, written out by hand.

A fixed time that is left out runs right after the gap; one that comes twice runs the first time. Where minute or hour
begin with a star, the schedule follows the clock on the wall.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobqueue.cron import InvalidExpressionError, next_after, upcoming

NEW_YORK, BERLIN, LORD_HOWE = "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"
CASABLANCA, KOLKATA = "Africa/Casablanca", "Asia/Kolkata"
ZONES = [NEW_YORK, BERLIN, LORD_HOWE, CASABLANCA, KOLKATA, "UTC"]

NIGHTS = {
    # 8 March at 02:00 to 03:00, which is at 07:00 UTC
    (NEW_YORK, "2026-03-08T05:30", "2026-03-08T09:00"): {
        "30 1 * * *": "06:30",
        "30 2 * * *": "07:00",
        "0 3 * * *": "07:00",
        "30 2,3 * * *": "07:00 07:30",
        "0,30 1-3 * * *": "06:00 06:30 07:00 07:30",
        "0 1-4 * * *": "06:00 07:00 08:00",
        "0-40/20 2 * * *": "07:00",
        "*/30 * * * *": "06:00 06:30 07:00 07:30 08:00 08:30 09:00",
        "*/20 1-3 * * *": "06:00 06:20 06:40 07:00 07:20 07:40",
        "*/30 2 * * *": "",
        "15 */1 * * *": "06:15 07:15 08:15",
        "30 */2 * * *": "08:30",
    },
    # 1 November at 02:00 to 01:00, which is at 06:00 UTC
    (NEW_YORK, "2026-11-01T04:30", "2026-11-01T08:00"): {
        "30 1 * * *": "05:30",
        "30 2 * * *": "07:30",
        "0 3 * * *": "08:00",
        "0,30 1-3 * * *": "05:00 05:30 07:00 07:30 08:00",
        "0 1-3 * * *": "05:00 07:00 08:00",
        "*/30 * * * *": "05:00 05:30 06:00 06:30 07:00 07:30 08:00",
        "*/20 1 * * *": "05:00 05:20 05:40 06:00 06:20 06:40",
        "15 */1 * * *": "05:15 06:15 07:15",
        "0 * * * *": "05:00 06:00 07:00 08:00",
    },
    # 29 March at 02:00 to 03:00, which is at 01:00 UTC
    (BERLIN, "2026-03-28T23:30", "2026-03-29T03:00"): {
        "30 1 * * *": "00:30",
        "30 2 * * *": "01:00",
        "0 3 * * *": "01:00",
        "0,30 1-3 * * *": "00:00 00:30 01:00 01:30",
        "*/15 2-3 * * *": "01:00 01:15 01:30 01:45",
        "*/30 * * * *": "00:00 00:30 01:00 01:30 02:00 02:30 03:00",
    },
    # 25 October at 03:00 to 02:00, which is at 01:00 UTC
    (BERLIN, "2026-10-24T23:00", "2026-10-25T03:00"): {
        "30 1 * * *": "23:30",
        "30 2 * * *": "00:30",
        "0 3 * * *": "02:00",
        "0,30 1-3 * * *": "23:30 00:00 00:30 02:00 02:30",
        "*/30 2 * * *": "00:00 00:30 01:00 01:30",
        "*/30 * * * *": "23:30 00:00 00:30 01:00 01:30 02:00 02:30 03:00",
    },
    # 4 October at 02:00 to 02:30, which is at 15:30 UTC
    (LORD_HOWE, "2026-10-03T14:00", "2026-10-03T17:00"): {
        "45 1 * * *": "15:15",
        "15 2 * * *": "15:30",
        "30 2 * * *": "15:30",
        "0 3 * * *": "16:00",
        "0,30 1-3 * * *": "14:30 15:00 15:30 16:00 16:30",
        "*/30 * * * *": "14:30 15:00 15:30 16:00 16:30 17:00",
        "*/20 * * * *": "14:10 14:30 14:50 15:10 15:40 16:00 16:20 16:40 17:00",
        "*/20 3 * * *": "16:00 16:20 16:40",
        "*/15 2 * * *": "15:30 15:45",
    },
    # 5 April at 02:00 to 01:30, which is at 15:00 UTC
    (LORD_HOWE, "2026-04-04T13:30", "2026-04-04T17:00"): {
        "15 1 * * *": "14:15",
        "45 1 * * *": "14:45",
        "30 2 * * *": "16:00",
        "0 3 * * *": "16:30",
        "0,30 1-3 * * *": "14:00 14:30 15:30 16:00 16:30 17:00",
        "*/30 * * * *": "14:00 14:30 15:00 15:30 16:00 16:30 17:00",
        "*/20 * * * *": "13:40 14:00 14:20 14:40 15:10 15:30 15:50 16:10 16:30 16:50",
        "*/20 2 * * *": "15:30 15:50 16:10",
        "35 * * * *": "13:35 14:35 15:05 16:05",
        "5 * * * *": "14:05 15:35 16:35",
    },
    # Ramadan begins: 15 February at 03:00 to 02:00, which is at 02:00 UTC
    (CASABLANCA, "2026-02-15T00:00", "2026-02-15T04:00"): {
        "30 1 * * *": "00:30",
        "30 2 * * *": "01:30",
        "0 3 * * *": "03:00",
        "0,30 1-3 * * *": "00:30 01:00 01:30 03:00 03:30",
        "*/20 2 * * *": "01:00 01:20 01:40 02:00 02:20 02:40",
        "*/30 * * * *": "00:30 01:00 01:30 02:00 02:30 03:00 03:30 04:00",
    },
    # Ramadan is over: 22 March at 02:00 to 03:00, which is at 02:00 UTC
    (CASABLANCA, "2026-03-22T00:00", "2026-03-22T04:00"): {
        "30 1 * * *": "01:30",
        "30 2 * * *": "02:00",
        "0 3 * * *": "02:00",
        "0,30 1-3 * * *": "01:00 01:30 02:00 02:30",
        "*/20 2 * * *": "",
        "*/30 * * * *": "00:30 01:00 01:30 02:00 02:30 03:00 03:30 04:00",
    },
    # never: 01:30 to 04:00
    (KOLKATA, "2026-03-07T20:00", "2026-03-07T22:30"): {
        "30 2 * * *": "21:00",
        "0 3 * * *": "21:30",
        "0,30 1-3 * * *": "20:30 21:00 21:30 22:00",
        "*/20 2 * * *": "20:30 20:50 21:10",
        "*/30 * * * *": "20:30 21:00 21:30 22:00 22:30",
    },
}


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _until(end: datetime, expression: str, zone: str, after: datetime) -> Iterator[datetime]:
    return takewhile(lambda moment: moment <= end, upcoming(expression, zone, after))


@pytest.mark.parametrize(
    ("zone", "after", "end", "expression", "expected"),
    [
        (zone, after, end, expression, expected)
        for (zone, after, end), table in NIGHTS.items()
        for expression, expected in table.items()
    ],
)
def test_a_night_has_exactly_these_times(zone: str, after: str, end: str, expression: str, expected: str) -> None:
    found = _until(_utc(end), expression, zone, _utc(after))

    assert [f"{moment:%H:%M}" for moment in found] == expected.split()


@pytest.mark.parametrize(
    ("zone", "expression", "after", "expected"),
    [
        # In the second pass through a repeated hour, a fixed time of it is over.
        (NEW_YORK, "30 1 * * *", "2026-11-01T06:10", "2026-11-02T06:30"),
        (LORD_HOWE, "45 1 * * *", "2026-04-04T15:01", "2026-04-05T15:15"),
        # In the first pass, the second is ahead, also of what was shown before.
        (NEW_YORK, "*/30 1 * * *", "2026-11-01T05:40", "2026-11-01T06:00"),
        (NEW_YORK, "10 * * * *", "2026-11-01T05:40", "2026-11-01T06:10"),
        (LORD_HOWE, "35 * * * *", "2026-04-04T14:50", "2026-04-04T15:05"),
        # What ran right after the gap does not run again.
        (NEW_YORK, "30 2 * * *", "2026-03-08T07:00", "2026-03-09T06:30"),
        (NEW_YORK, "30 2 * * *", "2026-03-08T06:59", "2026-03-08T07:00"),
    ],
)
def test_a_walk_that_begins_in_the_night_goes_on_as_one_that_began_before(
    zone: str, expression: str, after: str, expected: str
) -> None:
    assert next_after(expression, zone, _utc(after)) == _utc(expected)


def test_a_schedule_whose_every_time_is_left_out_never_comes_true() -> None:
    # The second Sunday in March, from 2 to 3: the very hour, every year.
    with pytest.raises(InvalidExpressionError, match=r"never comes true: expected a date of the next 50 years"):
        next_after("*/30 2 */1 3 SUN#2", NEW_YORK, _utc("2026-01-01T00:00"))


def test_times_are_in_utc_where_the_two_passes_through_an_hour_differ() -> None:
    both = list(_until(_utc("2026-11-01T06:30"), "30 * * * *", NEW_YORK, _utc("2026-11-01T05:00")))

    assert len(set(both)) == 2
    assert both[0] == _utc("2026-11-01T05:30")


starts = st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1)).map(lambda start: start.replace(tzinfo=UTC))  # noqa: DTZ001  zone added
minutes = st.sampled_from(["*", "*/20", "*/15", "0", "30", "45", "0,30", "5,35", "10-50/20", "59"])
hours = st.sampled_from(["*", "*/2", "*/1", "0", "1", "2", "1,2", "1-3", "0-23", "3"])
nights = st.sampled_from([(zone, _utc(after), _utc(end)) for zone, after, end in NIGHTS])


@given(start=starts, zone=st.sampled_from(ZONES), minute=minutes, hour=hours)
def test_times_increase_and_none_comes_twice(start: datetime, zone: str, minute: str, hour: str) -> None:
    times = [start, *islice(upcoming(f"{minute} {hour} * * *", zone, start), 200)]

    assert all(sooner < later for sooner, later in pairwise(times))


@given(night=nights, offset=st.integers(0, 9_000), minute=minutes, hour=hours)
def test_the_walk_does_not_depend_on_where_it_begins(
    night: tuple[str, datetime, datetime], offset: int, minute: str, hour: str
) -> None:
    zone, after, end = night
    begin = after + timedelta(seconds=offset)
    whole = list(_until(end, f"{minute} {hour} * * *", zone, after))

    assert list(_until(end, f"{minute} {hour} * * *", zone, begin)) == [moment for moment in whole if moment > begin]


@given(night=nights, minute=st.sampled_from(["*", "*/7", "*/20", "*/30"]), hour=hours)
def test_a_star_follows_the_clock_on_the_wall_minute_by_minute(
    night: tuple[str, datetime, datetime], minute: str, hour: str
) -> None:
    zone, after, end = night
    any_day = [wall.time() for wall in _until(_utc("2026-01-02T00:00"), f"{minute} {hour} * * *", "UTC", JANUARY)]
    passing = [after + timedelta(minutes=n) for n in range(1, (end - after) // timedelta(minutes=1) + 1)]
    shown = {moment: moment.astimezone(ZoneInfo(zone)).time() for moment in passing}

    found = list(_until(end, f"{minute} {hour} * * *", zone, after))

    assert found == [moment for moment in passing if shown[moment] in any_day]


JANUARY = _utc("2025-12-31T23:59")


@settings(max_examples=40)
@given(start=starts, zone=st.sampled_from(ZONES), at=st.times())
def test_a_fixed_daily_time_comes_once_on_each_date_of_a_year(start: datetime, zone: str, at: time) -> None:
    local = start.astimezone(ZoneInfo(zone))
    first = local.date() + timedelta(days=1)
    times = list(islice(upcoming(f"{at.minute} {at.hour} * * *", zone, start), 366))
    dates: list[date] = [moment.astimezone(ZoneInfo(zone)).date() for moment in times]

    assert dates[-365:] == [dates[-365] + timedelta(days=number) for number in range(365)]
    assert dates[1] == dates[0] + timedelta(days=1)
    assert dates[0] in (local.date(), first)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("step", [10, 15, 30])
def test_every_n_minutes_is_so_much_elapsed_time_all_year(zone: str, step: int) -> None:
    times = list(_until(_utc("2027-01-01T00:00"), f"*/{step} * * * *", zone, JANUARY))

    assert times == [_utc("2026-01-01T00:00") + timedelta(minutes=step) * number for number in range(len(times))]
    assert len(times) == 365 * 24 * 60 // step + 1
