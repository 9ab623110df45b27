"""What the form tells of the times that are being typed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from jobqueue.admin.schedules.preview import Preview, preview_of, preview_typed
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.schedules.filling_in import SCHEDULES
from tests.jobqueue.factories import make_schedule

NOON = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def carol(sign_in: SignIn) -> Client:
    """May add schedules, not see those of others."""
    return sign_in("carol", "add_schedule")


def typed(**fields: str) -> Preview:
    """The preview of these fields beside those that nobody touched."""
    data = QueryDict(mutable=True)
    data.update({"kind": "cron", "timezone": "UTC", "interval_0": "3600", "ends_at_0": "", **fields})
    return preview_typed(data)


@pytest.mark.django_db
def test_the_next_ten_runs_are_told_in_words_and_in_the_zone() -> None:
    with time_machine.travel(NOON, tick=False):
        shown = typed(expression="30 8 * * 1-5", timezone="Europe/Berlin")
    assert shown.words == "At 08:30, Monday through Friday"
    assert len(shown.times) == 10
    assert f"{shown.times[0]:%a %Y-%m-%d %H:%M %Z}" == "Wed 2026-10-21 08:30 CEST"
    assert f"{shown.times[-1]:%a %Y-%m-%d %H:%M %Z}" == "Tue 2026-11-03 08:30 CET"


@pytest.mark.django_db
def test_the_nights_of_clock_changes_are_told_with_what_runs_around_them() -> None:
    with time_machine.travel(NOON, tick=False):
        autumn, spring = typed(expression="30 1 * * *", timezone="America/New_York").nights
        assert typed(expression="30 1 * * *").nights == []
    assert "1 Nov 2026" in autumn.sentence
    assert "runs once, the first time" in autumn.special
    assert list(autumn.runs) == ["01:30 EDT"]
    assert "14 Mar 2027" in spring.sentence
    assert spring.special == ""


@pytest.mark.django_db
def test_others_in_the_same_minute_are_told_but_not_the_schedule_itself() -> None:
    make_schedule("half past", expression="30 * * * *")
    itself = make_schedule("itself", expression="*/30 * * * *")
    make_schedule("of another queue", expression="*/30 * * * *", queue="mail")
    (half_past, found) = typed(expression="*/30 * * * *").collisions[1], typed(expression="*/30 * * * *").collisions
    assert (half_past.name, half_past.times) == ("half past", 24)
    assert [one.name for one in found] == ["itself", "half past"]
    assert [one.name for one in preview_of(itself).collisions] == ["half past"]


@pytest.mark.django_db
def test_an_interval_begins_at_once_and_ends() -> None:
    with time_machine.travel(NOON, tick=False):
        shown = typed(kind="interval", interval_0="900", ends_at_0="3600")
    assert shown.words == "Every 15 minutes"
    assert [f"{moment:%H:%M}" for moment in shown.times] == ["12:00", "12:15", "12:30", "12:45", "13:00"]
    assert shown.is_over
    assert shown.is_interval


@pytest.mark.django_db
def test_a_stored_interval_goes_on_from_its_own_grid() -> None:
    schedule = make_schedule(kind="interval", expression="", interval=timedelta(hours=1))
    data = QueryDict("kind=interval&interval_0=3600&timezone=UTC&ends_at_0=")
    edited = QueryDict("kind=interval&interval_0=7200&timezone=UTC&ends_at_0=")
    same, other = preview_typed(data, schedule), preview_typed(edited, schedule)
    assert same.times == preview_of(schedule).times
    assert other.times[0] - timezone.now() > timedelta(minutes=119)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"expression": "61 * * * *"}, "the minute '61' is not possible"),
        ({"expression": "x" * 10_000}, "at most 255 characters"),
        ({"expression": "* * * * *\0"}, "Null characters"),
        ({"expression": "0 0 30 2 *"}, "is not a cron expression"),
        ({"expression": "0 7 * * *", "timezone": "Mars"}, "is not a time zone"),
        ({"expression": "0 7 * * *", "starts_at": "soon"}, "Starts at: This is not a time"),
        ({"expression": "0 7 * * *", "ends_at_0": "other", "ends_at_1": "2020-01-01T00:00"}, ""),
        ({"kind": "interval", "interval_0": "other"}, "An interval is missing"),
        ({"kind": "interval", "interval_0": "other", "interval_1": "1", "interval_2": "1"}, "1 min to 366 d"),
        ({"kind": "hourly", "expression": "0 7 * * *"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_told(fields: dict[str, str], told: str) -> None:
    shown = typed(**fields)
    assert told in " ".join(shown.problems)
    assert not shown.times


@pytest.mark.django_db
def test_a_schedule_that_is_off_says_so() -> None:
    assert typed(expression="0 7 * * *").is_off
    assert not typed(expression="0 7 * * *", is_active="on").is_off
    assert preview_of(make_schedule(is_active=False)).is_off


@pytest.mark.django_db
def test_an_empty_expression_is_no_mistake_yet() -> None:
    assert typed(expression=" ").is_blank


def test_the_page_shows_it_all_and_escapes_what_was_typed(carol: Client) -> None:
    def asked(**fields: Any) -> str:
        return carol.get(f"{SCHEDULES}preview/", {"timezone": "Europe/Berlin", **fields}).content.decode()

    make_schedule("<b>other</b>")
    page = asked(expression="*/30 * * * *")
    for told in ("Every 30 minutes", "times of Europe/Berlin", "Same minute as others", "the clocks go back by 1 hour"):
        assert told in page
    assert "&lt;b&gt;other" in page
    assert "<b>" not in page
    assert "<script>" not in asked(expression="<script>")
    assert "Write a cron expression" in asked()
    assert "They do not matter" in asked(kind="interval", interval_0="900")
