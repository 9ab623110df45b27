"""What a schedule will do, in words and times."""

from datetime import UTC, datetime, timedelta

import pytest

from jobqueue.cron import InvalidExpressionError, InvalidTimezoneError
from jobqueue.forecast import Note, describe, in_words, next_runs, next_runs_of, notes
from jobqueue.models import Schedule
from jobqueue.models.schedule import ScheduleKind

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("*/30 * * * *", "Every 30 minutes"),
        ("0 * * * *", "Every hour"),
        ("@hourly", "Every hour"),
        ("15 3 * * *", "At 03:15"),
        ("0 7 * * 1", "At 07:00, only on Monday"),
        ("5,20,35,50 * * * *", "At 5, 20, 35, and 50 minutes past the hour"),
        ("0 */4 * * *", "Every 4 hours"),
        ("15 */4 * * *", "At 15 minutes past the hour, every 4 hours"),
        ("1 * * * *", "At 1 minute past the hour"),
        ("*/15 9-17 * * *", "Every 15 minutes, between 09:00 and 17:59"),
        # The hours are those of the runs.
        ("0 9-17 * * 1-5", "On the hour, between 09:00 and 17:00, Monday through Friday"),
        ("15 9-17 * * 1-5", "At 15 minutes past the hour, between 09:15 and 17:15, Monday through Friday"),
        ("15 8,12,18 * * *", "At 08:15, 12:15 and 18:15"),
        # A step that does not divide the hour or the day is not "every so many".
        ("*/45 * * * *", "At 0 and 45 minutes past the hour"),
        ("0 */5 * * *", "At 00:00, 05:00, 10:00, 15:00 and 20:00"),
        # Either of two days, but both where one begins with a star.
        ("0 0 13 * 5", "At 00:00, on day 13 of the month, or on Friday"),
        ("0 0 */2 * 1", "At 00:00, every 2 days, but only on Monday"),
        ("0 0 30 2 *", ""),
        ("words", ""),
        ("", ""),
    ],
)
def test_an_expression_is_told_in_plain_words(expression: str, words: str) -> None:
    assert in_words(expression) == words


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (timedelta(minutes=15), "Every 15 minutes"),
        (timedelta(minutes=1), "Every minute"),
        (timedelta(seconds=90), "Every 90 seconds"),
        (timedelta(minutes=60), "Every hour"),
        (timedelta(minutes=90), "Every 90 minutes"),
        (timedelta(hours=36), "Every 36 hours"),
        (timedelta(days=1), "Every day"),
        (timedelta(weeks=1), "Every 7 days"),
    ],
)
def test_an_interval_is_told_in_plain_words(interval: timedelta, words: str) -> None:
    assert describe(Schedule(kind=ScheduleKind.INTERVAL, interval=interval)) == words


def test_a_schedule_with_an_expression_is_told_by_it() -> None:
    assert describe(Schedule(expression="*/30 * * * *")) == "Every 30 minutes"


def _shown(runs: list[datetime]) -> list[str]:
    return [f"{moment:%m-%d %H:%M %z}" for moment in runs]


def test_the_next_runs_are_in_the_zone() -> None:
    assert _shown(next_runs("30 1 * * *", "America/New_York", datetime(2026, 10, 31, tzinfo=UTC), 3)) == [
        "10-31 01:30 -0400",
        "11-01 01:30 -0400",
        "11-02 01:30 -0500",
    ]
    assert len(next_runs("@hourly", "UTC", NOON)) == 10


def test_what_is_not_valid_has_no_forecast_but_a_reason() -> None:
    with pytest.raises(InvalidExpressionError, match="the minute '61' is not possible"):
        next_runs("61 * * * *", "UTC", NOON)
    with pytest.raises(InvalidTimezoneError, match="is not a time zone"):
        notes("0 * * * *", "Mars/Olympus", NOON)


def test_a_schedule_runs_between_its_start_and_its_end() -> None:
    schedule = Schedule(
        expression="0 */4 * * *",
        timezone="Europe/Berlin",
        starts_at=NOON + timedelta(hours=3),
        ends_at=NOON + timedelta(hours=11),
    )

    assert _shown(next_runs_of(schedule, NOON)) == ["03-10 16:00 +0100", "03-10 20:00 +0100", "03-11 00:00 +0100"]
    assert _shown(next_runs_of(schedule, NOON, 1)) == ["03-10 16:00 +0100"]
    assert _shown(next_runs_of(schedule, NOON + timedelta(hours=9))) == ["03-11 00:00 +0100"]
    assert next_runs_of(schedule, NOON + timedelta(hours=11)) == []


def test_an_interval_counts_from_its_start_whatever_the_clocks_do() -> None:
    schedule = Schedule(
        kind=ScheduleKind.INTERVAL,
        interval=timedelta(minutes=90),
        timezone="America/New_York",
        starts_at=datetime(2026, 11, 1, 4, 10, tzinfo=UTC),
    )

    assert _shown(next_runs_of(schedule, NOON, 4)) == [
        "11-01 00:10 -0400",
        "11-01 01:40 -0400",
        "11-01 02:10 -0500",
        "11-01 03:40 -0500",
    ]
    schedule.starts_at, schedule.counts_from = None, NOON - timedelta(minutes=100)
    assert _shown(next_runs_of(schedule, NOON, 2)) == ["03-10 09:20 -0400", "03-10 10:50 -0400"]


def _sentences(expression: str, zone: str) -> list[str]:
    return [note.sentence for note in notes(expression, zone, NEW_YEAR)]


@pytest.mark.parametrize(
    ("expression", "spring", "autumn"),
    [
        ("0 3 * * *", "", ""),
        ("0 12 * * *", "", ""),
        ("0 0 1 1 *", "", ""),
        ("0 9-17 * * 1-5", "", ""),
        ("30 1 * * *", "", "01:30 comes twice that night: it runs once, the first time."),
        ("30 2 * * *", "02:30 does not exist that night: it runs once, at 03:00.", ""),
        ("0,30 2 * * *", "02:00 and 02:30 do not exist that night: it runs once for all of them, at 03:00.", ""),
        ("0,30 2-3 * * 0", "02:00 and 02:30 do not exist that night: they fall together with the run at 03:00.", ""),
        ("*/30 2 * * *", "02:00 and 02:30 do not exist that night: they are left out.", ""),
        ("15 */2 * * *", "02:15 does not exist that night: it is left out.", ""),
        ("* 2 * * *", "60 times from 02:00 to 02:59 do not exist that night: they are left out.", ""),
        ("*/30 1 * * *", "", "01:00 and 01:30 come twice that night: each runs both times."),
        ("*/30 1 8 3 *", "", ""),
        (
            "0,20,40 0-3 * * *",
            "Runs every 20 minutes of elapsed time: 3 runs fewer than on other nights.",
            "01:00, 01:20 and 01:40 come twice that night: each runs once, the first time.",
        ),
        (
            "*/30 * * * *",
            "Runs every 30 minutes of elapsed time: 2 runs fewer than on other nights.",
            "Runs every 30 minutes of elapsed time: 2 runs more than on other nights.",
        ),
        (
            "0 * * * *",
            "Runs every hour of elapsed time: 1 run fewer than on other nights.",
            "Runs every hour of elapsed time: 1 run more than on other nights.",
        ),
    ],
)
def test_what_is_special_in_the_nights_of_new_york_is_said(expression: str, spring: str, autumn: str) -> None:
    assert _sentences(expression, "America/New_York") == [spring, autumn]


@pytest.mark.parametrize(
    ("expression", "autumn", "spring"),
    [
        ("0 * * * *", "", "02:00 does not exist that night: it is left out."),
        ("0 1-4 * * *", "", "02:00 does not exist that night: it runs once, at 02:30."),
        ("45 1 * * *", "01:45 comes twice that night: it runs once, the first time.", ""),
        (
            "*/20 * * * *",
            "01:40 comes twice that night: it runs both times.",
            "02:00 and 02:20 do not exist that night: they are left out.",
        ),
        (
            "*/30 * * * *",
            "Runs every 30 minutes of elapsed time: 1 run more than on other nights.",
            "Runs every 30 minutes of elapsed time: 1 run fewer than on other nights.",
        ),
    ],
)
def test_half_an_hour_is_told_as_half_an_hour(expression: str, autumn: str, spring: str) -> None:
    assert _sentences(expression, "Australia/Lord_Howe") == [autumn, spring]


def test_a_zone_whose_clocks_never_change_needs_no_note() -> None:
    assert notes("*/30 * * * *", "Asia/Kolkata", NEW_YEAR) == []


def _runs(note: Note) -> list[str]:
    return [f"{moment:%H:%M %z}" for moment in note.runs]


def test_a_note_shows_the_runs_of_the_hours_around_the_change() -> None:
    forward, back = notes("30 * * * *", "America/New_York", NEW_YEAR)

    assert forward.change.sentence == "Sun 8 Mar 2026 at 02:00 the clocks go forward by 1 hour, to 03:00."
    assert _runs(forward) == ["23:30 -0500", "00:30 -0500", "01:30 -0500", "03:30 -0400", "04:30 -0400", "05:30 -0400"]
    assert _runs(back) == ["23:30 -0400", "00:30 -0400", "01:30 -0400", "01:30 -0500", "02:30 -0500", "03:30 -0500"]


def test_of_very_many_runs_those_next_to_the_change_are_shown() -> None:
    forward, _ = notes("* * * * *", "Europe/Berlin", NEW_YEAR)

    assert len(forward.runs) == 24
    assert _runs(forward)[:2] == ["01:48 +0100", "01:49 +0100"]
    assert _runs(forward)[-1] == "03:11 +0200"
    assert forward.sentence == "Runs every minute of elapsed time: 60 runs fewer than on other nights."
