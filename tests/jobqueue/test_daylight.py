"""When the clocks of a zone change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.daylight import clock_changes

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "sentences"),
    [
        (
            "America/New_York",
            [
                "Sun 8 Mar 2026 at 02:00 the clocks go forward by 1 hour, to 03:00.",
                "Sun 1 Nov 2026 at 02:00 the clocks go back by 1 hour, to 01:00.",
            ],
        ),
        (
            "Europe/Berlin",
            [
                "Sun 29 Mar 2026 at 02:00 the clocks go forward by 1 hour, to 03:00.",
                "Sun 25 Oct 2026 at 03:00 the clocks go back by 1 hour, to 02:00.",
            ],
        ),
        (
            "Australia/Lord_Howe",
            [
                "Sun 5 Apr 2026 at 02:00 the clocks go back by 30 minutes, to 01:30.",
                "Sun 4 Oct 2026 at 02:00 the clocks go forward by 30 minutes, to 02:30.",
            ],
        ),
        (
            "Africa/Casablanca",
            [
                "Sun 15 Feb 2026 at 03:00 the clocks go back by 1 hour, to 02:00.",
                "Sun 22 Mar 2026 at 02:00 the clocks go forward by 1 hour, to 03:00.",
            ],
        ),
        (
            "Africa/Cairo",
            [
                "Fri 24 Apr 2026 at 00:00 the clocks go forward by 1 hour, to 01:00.",
                "Fri 30 Oct 2026 at 00:00 the clocks go back by 1 hour, to 23:00 on Thu 29 Oct.",
            ],
        ),
        ("Asia/Kolkata", []),
        ("UTC", []),
    ],
)
def test_the_changes_of_a_year_are_told(zone: str, sentences: list[str]) -> None:
    assert [change.sentence for change in clock_changes(ZoneInfo(zone), NEW_YEAR)] == sentences


def test_a_change_knows_its_moment_and_what_the_clocks_show() -> None:
    back, forward = clock_changes(ZoneInfo("Australia/Lord_Howe"), NEW_YEAR)

    assert back.at == datetime(2026, 4, 4, 15, tzinfo=UTC)
    assert (back.before, back.after) == (timedelta(hours=11), timedelta(hours=10, minutes=30))
    assert back.shift == timedelta(minutes=-30)
    assert f"{back.shown_before:%H:%M} {back.shown_after:%H:%M}" == "02:00 01:30"
    assert forward.at == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)
    assert forward.shift == timedelta(minutes=30)


def test_a_year_may_hold_three_changes() -> None:
    changes = clock_changes(ZoneInfo("Africa/Casablanca"), datetime(2025, 2, 20, tzinfo=UTC))

    assert [f"{change.at:%Y-%m-%d %H:%M}" for change in changes] == [
        "2025-02-23 02:00",
        "2025-04-06 02:00",
        "2026-02-15 02:00",
    ]


def test_only_the_days_asked_for_are_looked_at() -> None:
    zone = ZoneInfo("America/New_York")

    assert clock_changes(zone, NEW_YEAR, days=60) == []
    assert len(clock_changes(zone, NEW_YEAR, days=80)) == 1
    assert len(clock_changes(zone, datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC), days=1)) == 1
    assert clock_changes(zone, datetime(2026, 3, 8, 7, tzinfo=UTC), days=30) == []


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1)),  # noqa: DTZ001  the zone is added
    name=st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"]),
)
def test_the_offset_is_another_one_from_the_very_second(start: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    for change in clock_changes(zone, start.replace(tzinfo=UTC)):
        assert change.at.astimezone(zone).utcoffset() == change.after
        assert (change.at - timedelta(seconds=1)).astimezone(zone).utcoffset() == change.before
        assert change.before != change.after
