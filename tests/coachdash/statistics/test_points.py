"""Points at the end of every day."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from coachdash import access
from coachdash.statistics.points import PointsDay, PointsTrend, points_trend
from coachdash.statistics.trend import DAYS
from coachdash.templatetags.coachdash_line import EDGE, HEIGHT, line
from gameplatform.models import Account, ScorePoint
from tests.coachdash import factories

TODAY = date(2026, 3, 10)
FIRST = TODAY - timedelta(days=DAYS - 1)


@pytest.fixture(autouse=True)
def _today() -> object:
    with time_machine.travel(datetime(2026, 3, 10, 12, 0, tzinfo=UTC), tick=False):
        yield


def scored(account: Account, points: int, *, days_ago: int) -> None:
    day = TODAY - timedelta(days=days_ago)
    at = datetime.combine(day, datetime.min.time(), UTC)
    ScorePoint.objects.create(
        account=account,
        day=day,
        challenges=1,
        points=points,
        practice_points=points,
        ctf_points=0,
        ctf_events=0,
        as_of=at,
    )


def points(coach: User) -> list[int | None]:
    return [day.points for day in points_trend(access.competitors(coach)).days]


def test_without_a_score_there_are_no_points(alice: User) -> None:
    factories.playing(alice, "Ada Finch", 100)
    found = points_trend(access.competitors(alice))
    assert [day.date for day in found.days] == [FIRST + timedelta(days=nth) for nth in range(DAYS)]
    assert found.scored == []


def test_a_score_holds_until_the_next_one(alice: User) -> None:
    ada = factories.playing(alice, "Ada Finch")
    scored(ada, 100, days_ago=5)
    scored(ada, 250, days_ago=2)
    assert points(alice) == [None] * (DAYS - 6) + [100, 100, 100, 250, 250, 250]


def test_the_students_points_are_added_up(alice: User, bob: User) -> None:
    ada, ben = factories.playing(alice, "Ada Finch"), factories.playing(alice, "Ben Hart")
    scored(ada, 100, days_ago=3)
    scored(ben, 1_000, days_ago=1)
    scored(ada, 90, days_ago=0)
    scored(factories.playing(bob, "Ivo Moss"), 7, days_ago=3)
    found = points_trend(access.competitors(alice))
    assert points(alice)[-4:] == [100, 100, 1_100, 1_090]
    assert (found.latest, found.gained, found.lowest, found.highest) == (1_090, 990, 100, 1_100)
    assert found.first_day == TODAY - timedelta(days=3)
    assert found.as_of == datetime.combine(TODAY, datetime.min.time(), UTC)


def test_what_was_scored_before_the_first_day_is_carried_into_it(alice: User) -> None:
    ada, ben = factories.playing(alice, "Ada Finch"), factories.playing(alice, "Ben Hart")
    scored(ada, 100, days_ago=400)
    scored(ada, 300, days_ago=DAYS)
    scored(ben, 20, days_ago=DAYS - 1)
    scored(ada, 500, days_ago=1)
    assert points(alice) == [320] * (DAYS - 2) + [520, 520]


def test_a_score_of_a_day_to_come_is_not_shown_yet(alice: User) -> None:
    ada = factories.playing(alice, "Ada Finch")
    scored(ada, 100, days_ago=0)
    scored(ada, 900, days_ago=-1)
    assert points(alice)[-1] == 100


def test_days_are_those_of_utc_wherever_the_reader_is(alice: User) -> None:
    scored(factories.playing(alice, "Ada Finch"), 100, days_ago=0)
    with timezone.override("Pacific/Kiritimati"):
        assert points_trend(access.competitors(alice)).days[-1] == PointsDay(date=TODAY, points=100)


def test_students_who_left_count_no_more(alice: User) -> None:
    ada, ben = factories.student(alice, "Ada Finch"), factories.student(alice, "Ben Hart", is_active=False)
    for student in (ada, ben):
        scored(factories.account(student), 100, days_ago=1)
    assert points(alice)[-1] == 100


@pytest.mark.parametrize("students", [1, 20])
def test_the_points_cost_one_query_however_many_students(
    students: int, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for nth in range(students):
        scored(factories.playing(alice, f"Ada Finch{nth}"), 100, days_ago=nth)
    competitors = access.competitors(alice)
    with django_assert_num_queries(1):
        assert points_trend(competitors).latest == 100 * students


def trend_of(*values: int | None) -> PointsTrend:
    return PointsTrend(
        days=[PointsDay(date=FIRST + timedelta(days=nth), points=value) for nth, value in enumerate(values)]
    )


def test_the_line_goes_from_the_lowest_to_the_highest_and_begins_at_its_day() -> None:
    drawn = line(trend_of(None, None, 500, 550, 600))
    assert [(stop.x, stop.y) for stop in drawn["stops"]] == [(25, HEIGHT - EDGE), (35, HEIGHT // 2), (45, EDGE)]
    assert (drawn["width"], drawn["end"].points) == (50, 600)


def test_a_line_that_never_rises_lies_in_the_middle() -> None:
    assert {stop.y for stop in line(trend_of(7, 7))["stops"]} == {HEIGHT // 2}
