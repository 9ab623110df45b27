"""Cron expressions in time zones."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobqueue.cron import (
    NICKNAMES,
    InvalidExpressionError,
    InvalidTimezoneError,
    check,
    next_after,
    normalise,
    upcoming,
    walls,
)

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def _next(count: int, expression: str, zone: str = "UTC", after: datetime = NOON) -> list[str]:
    return [f"{moment:%m-%d %H:%M %z}" for moment in islice(upcoming(expression, zone, after), count)]


@pytest.mark.parametrize("expression", ["*/30 * * * *", "  */30  *\t* *\n* ", "*/30\xa0*\u2003* * *"])
def test_an_expression_is_stored_with_one_space_between_its_fields(expression: str) -> None:
    assert normalise(expression) == "*/30 * * * *"
    assert _next(1, expression) == ["03-10 12:30 +0000"]
    assert next(walls(expression, datetime(2026, 3, 10, 12))) == datetime(2026, 3, 10, 12, 30)  # noqa: DTZ001  a wall


@pytest.mark.parametrize(("nickname", "fields"), NICKNAMES.items())
def test_a_nickname_is_stored_as_its_five_fields(nickname: str, fields: str) -> None:
    assert normalise(f" {nickname.upper()} ") == fields
    assert _next(3, nickname, "Asia/Kolkata") == _next(3, fields, "Asia/Kolkata")
    check(nickname, "Europe/Berlin")


def test_what_is_stored_reads_the_same_again() -> None:
    for expression in ("0 7 * * mon-fri", "0 0 L * *", "0 0 * * MON#1", "5/15 0-23/2 1,15 JAN,JUL 7"):
        assert normalise(expression) == expression


def test_times_come_in_order_and_strictly_after() -> None:
    assert _next(3, "*/30 * * * *") == ["03-10 12:30 +0000", "03-10 13:00 +0000", "03-10 13:30 +0000"]
    assert _next(1, "0 12 * * *") == ["03-11 12:00 +0000"]
    assert _next(2, "0 9-17 * * 1-5", after=NOON.replace(day=13, hour=17)) == ["03-16 09:00 +0000", "03-16 10:00 +0000"]


def test_a_zone_has_its_own_hours() -> None:
    assert _next(1, "0 7 * * *", "America/New_York") == ["03-11 11:00 +0000"]
    assert _next(1, "0 7 * * *", "Asia/Kolkata") == ["03-11 01:30 +0000"]


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


FIVE = (
    "expected five fields, minute hour day month weekday, "
    "such as */30 * * * * (every 30 minutes) or 0 7 * * 1-5 (weekdays at 7:00)"
)
WEEKDAYS = "0 to 7 (0 and 7 are Sunday) or SUN to SAT"
A_DATE = "expected a date that there is"
NAMES = (
    "expected five fields, or one of @hourly (0 * * * *), @daily (0 0 * * *), @weekly (0 0 * * 0), "
    "@monthly (0 0 1 * *), @yearly (0 0 1 1 *)"
)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("* * * *", f"{FIVE}, not 4"),
        ("* * * * * *", f"{FIVE}, not 6 (there are no seconds and no years)"),
        ("every day", f"{FIVE}, not 2"),
        ("@reboot", NAMES),
        ("@every 5m", NAMES),
        ("61 * * * *", "the minute '61' is not possible, expected 0 to 59, such as 0, */15 or 0,30"),
        ("-1 * * * *", "the minute '-1' is not possible, expected 0 to 59, such as 0, */15 or 0,30"),
        ("0,,5 * * * *", "the minute '' is not possible, expected 0 to 59, such as 0, */15 or 0,30"),
        ("every day at 5 am", "the minute 'every' is not possible, expected 0 to 59, such as 0, */15 or 0,30"),
        ("*/0 * * * *", "the minute '*/0' is not possible, expected a step of 1 to 59, such as */15"),
        ("*/61 * * * *", "the minute '*/61' is not possible, expected a step of 1 to 59, such as */15"),
        ("5-1 * * * *", "the minute '5-1' is not possible, expected a range from low to high: 5-59,0-1"),
        ("* 24 * * *", "the hour '24' is not possible, expected 0 to 23, such as 7, */4 or 9-17"),
        ("0 1-5/24 * * *", "the hour '1-5/24' is not possible, expected a step of 1 to 23, such as */4"),
        ("0 22-2 * * *", "the hour '22-2' is not possible, expected a range from low to high: 22-23,0-2"),
        ("* * 0 * *", "the day '0' is not possible, expected 1 to 31 or L (the last), such as 1, 1,15 or L"),
        ("* * * 13 *", "the month '13' is not possible, expected 1 to 12 or JAN to DEC, such as 6, */3 or JAN,JUL"),
        (
            "* * * * 8",
            f"the weekday '8' is not possible, expected {WEEKDAYS}, such as 0, 1-5 or SAT,SUN",
        ),
        ("* * * * 5-0", "the weekday '5-0' is not possible, expected a range from low to high: 5-7"),
        ("\0 * * * *", "'\\x00' means nothing there, expected digits, names such as MON or JAN, and * , - /"),
        ("٣ * * * *", "'\\u0663' means nothing there, expected digits, names such as MON or JAN, and * , - /"),
        ("\u017fun * * * *", "'\\u017f' means nothing there, expected digits, names such as MON or JAN, and * , - /"),
        ("0 0 ? * *", "'?' means nothing there, expected digits, names such as MON or JAN, and * , - /"),
        ("0 0 30 2 *", f"there is no day 30 in month 2, {A_DATE}, such as 0 0 L 2 *, the last day"),
        (
            "0 0 31 4,6,9,11 *",
            f"there is no day 31 in month 4,6,9,11, {A_DATE}, such as 0 0 L 4,6,9,11 *, the last day",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_would_be_right(expression: str, problem: str) -> None:
    with pytest.raises(InvalidExpressionError) as caught:
        normalise(expression)

    assert str(caught.value) == f"{expression!r} is not a cron expression: {problem}."
    with pytest.raises(InvalidExpressionError):
        check(expression, "UTC")


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("", f"A cron expression is missing: {FIVE}."),
        (" \n ", f"A cron expression is missing: {FIVE}."),
        ("* " * 5_120, "A text of 10240 characters is not a cron expression: expected 255 at most."),
        ("0 0 */31 2 MON#5", "'0 0 */31 2 MON#5' never comes true: expected a date that there is."),
    ],
)
def test_what_is_empty_or_too_long_or_never_comes_is_refused(expression: str, sentence: str) -> None:
    with pytest.raises(InvalidExpressionError) as caught:
        normalise(expression)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "expression", ["1" * 240 + " * * * *", "1," * 120 + " * * * *", "* * * * " + "5L" * 60, "- " * 99]
)
def test_a_refusal_stays_short(expression: str) -> None:
    with pytest.raises(InvalidExpressionError) as caught:
        normalise(expression)

    assert len(str(caught.value)) < 400


@given(st.text(max_size=300) | st.text("0123456789*/,-#LW@ JANSUN", max_size=40))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        usual = normalise(text)
    except InvalidExpressionError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert normalise(usual) == usual
        assert next_after(text, "UTC", NOON) > NOON

    assert len(refusal) < 400


def test_a_time_far_beyond_any_plan_has_no_next_one() -> None:
    with pytest.raises(InvalidExpressionError, match="never comes true: expected a date of the next 50 years"):
        next_after("0 0 * * *", "Asia/Tokyo", datetime(9999, 12, 31, 23, tzinfo=UTC))


def test_a_leap_day_comes_true() -> None:
    assert next_after("0 0 29 2 *", "UTC", NOON) == datetime(2028, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone",
    ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "UTC\0", "Europe", "localtime", "right/UTC", "x" * 999],
)
def test_an_unknown_zone_is_refused_with_what_would_be_right(zone: str) -> None:
    with pytest.raises(InvalidTimezoneError, match="expected an IANA name such as UTC, Europe/Berlin") as caught:
        check("* * * * *", zone)

    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("name", "likely"),
    [("europe/berlin", "Europe/Berlin"), ("new york", "America/New_York"), ("Lord_Howe", "Australia/Lord_Howe")],
)
def test_a_zone_written_otherwise_is_refused_with_its_name(name: str, likely: str) -> None:
    with pytest.raises(InvalidTimezoneError, match=f" Perhaps {likely}\\?$"):
        check("@daily", name)
