"""Cron expressions in time zones."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobqueue.cron import InvalidExpressionError, InvalidTimezoneError, check, describe, next_after, upcoming

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def _next(count: int, expression: str, zone: str = "UTC", after: datetime = NOON) -> list[str]:
    return [f"{moment:%m-%d %H:%M %z}" for moment in islice(upcoming(expression, zone, after), count)]


def test_times_come_in_order_and_strictly_after() -> None:
    assert _next(3, "*/30 * * * *") == ["03-10 12:30 +0000", "03-10 13:00 +0000", "03-10 13:30 +0000"]
    assert _next(1, "0 12 * * *") == ["03-11 12:00 +0000"]
    assert _next(2, "0 9-17 * * 1-5", after=NOON.replace(day=13, hour=17)) == ["03-16 09:00 +0000", "03-16 10:00 +0000"]


def test_a_zone_has_its_own_hours() -> None:
    assert _next(1, "0 7 * * *", "America/New_York") == ["03-11 07:00 -0400"]
    assert _next(1, "0 7 * * *", "Asia/Kolkata") == ["03-11 07:00 +0530"]


@pytest.mark.parametrize(
    ("zone", "after", "expression", "expected"),
    [
        # A fixed time in the gap runs once, right after it.
        ("America/New_York", "2026-03-07T12:00-05:00", "30 2 * * *", ["03-08 03:00 -0400", "03-09 02:30 -0400"]),
        ("Europe/Berlin", "2026-03-28T12:00+01:00", "30 2 * * *", ["03-29 03:00 +0200", "03-30 02:30 +0200"]),
        ("Australia/Lord_Howe", "2026-10-03T12:00+10:30", "15 2 * * *", ["10-04 02:30 +1100", "10-05 02:15 +1100"]),
        # A fixed time in the repeated hour runs once.
        ("America/New_York", "2026-10-31T12:00-04:00", "30 1 * * *", ["11-01 01:30 -0400", "11-02 01:30 -0500"]),
        ("Europe/Berlin", "2026-10-24T12:00+02:00", "30 2 * * *", ["10-25 02:30 +0200", "10-26 02:30 +0100"]),
        # Every n minutes follows the time that passes.
        (
            "Europe/Berlin",
            "2026-03-29T01:29+01:00",
            "*/30 * * * *",
            ["03-29 01:30 +0100", "03-29 03:00 +0200", "03-29 03:30 +0200"],
        ),
        (
            "America/New_York",
            "2026-11-01T01:29-04:00",
            "*/30 * * * *",
            ["11-01 01:30 -0400", "11-01 01:00 -0500", "11-01 01:30 -0500", "11-01 02:00 -0500"],
        ),
    ],
)
def test_the_nights_when_clocks_change(zone: str, after: str, expression: str, expected: list[str]) -> None:
    assert _next(len(expected), expression, zone, datetime.fromisoformat(after)) == expected


@given(
    after=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001  hypothesis adds the zone
    zone=st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"]),
    minutes=st.sampled_from([1, 5, 15, 20, 30]),
)
@example(after=datetime(2036, 4, 5, 9, 0), zone="Australia/Lord_Howe", minutes=20)  # noqa: DTZ001  as above
def test_every_n_minutes_never_stands_still_and_never_jumps(after: datetime, zone: str, minutes: int) -> None:
    start = after.replace(tzinfo=UTC)
    times = [start, *(moment.astimezone(UTC) for moment in islice(upcoming(f"*/{minutes} * * * *", zone, start), 20))]

    # The marks are those of the wall clock. If it is set by what is no multiple of the step, as Lord Howe's is by half
    # an hour, :40 is followed by the other :40.
    shift = 30 if zone == "Australia/Lord_Howe" else 60
    longest = minutes if shift % minutes == 0 else max(minutes, shift)
    assert all(timedelta() < later - sooner <= timedelta(minutes=longest) for sooner, later in pairwise(times))


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", "expected five fields, minute hour day month weekday, such as"),
        ("* * * *", "expected five fields"),
        ("* * * * * *", "expected five fields"),
        ("@hourly", "expected five fields"),
        ("61 * * * *", "'61 .*' is not a cron expression: Bad minute"),
        ("* 24 * * *", "Bad hour"),
        ("* * 0 * *", "Bad day-of-month"),
        ("* * * 13 *", "Bad month"),
        ("* * * * 8", "Bad day-of-week"),
        ("*/0 * * * *", "Bad minute"),
        ("*/61 * * * *", "a minute is 59 at most, so its step cannot be 61"),
        ("0 1-5/24 * * *", "an hour is 23 at most, so its step cannot be 24"),
        ("a b c d e", "Bad minute"),
        ("\0 * * * *", "Bad minute"),
        ("٣ * * * *", "Bad minute"),
        ("-1 * * * *", "Bad minute"),
        ("5-1 * * * *", "Bad minute"),
        ("1" * 300 + " * * * *", "is not a cron expression"),
        ("0 0 30 2 *", "'0 0 30 2 \\*' is not a cron expression: Bad day-of-month"),
        ("0 0 31 4,6,9,11 *", "Bad day-of-month"),
    ],
)
def test_what_cannot_be_read_or_never_comes_is_refused_with_what_would_be_right(expression: str, problem: str) -> None:
    with pytest.raises(InvalidExpressionError, match=problem) as caught:
        check(expression, "UTC")

    assert len(str(caught.value)) < 400


def test_a_leap_day_comes_true() -> None:
    assert next_after("0 0 29 2 *", "UTC", NOON) == datetime(2028, 2, 29, tzinfo=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "UTC\0", "Europe", "x" * 999]
)
def test_an_unknown_zone_is_refused_with_what_would_be_right(zone: str) -> None:
    with pytest.raises(InvalidTimezoneError, match="expected an IANA name such as UTC, Europe/Berlin") as caught:
        check("* * * * *", zone)

    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("*/30 * * * *", "Every 30 minutes"),
        ("0 * * * *", "Every hour"),
        ("15 3 * * *", "At 03:15"),
        ("0 9-17 * * 1-5", "At 0 minutes past the hour, between 09:00 and 17:59, Monday through Friday"),
        ("5,20,35,50 * * * *", "At 5, 20, 35, and 50 minutes past the hour"),
    ],
)
def test_an_expression_is_described_in_plain_words(expression: str, words: str) -> None:
    assert describe(expression) == words
