"""The dashboard page and its fragment."""

import html
import re
from datetime import UTC, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from coachdash.models import Team
from gameplatform.models import Account, ScorePoint
from jobqueue.api import enqueue
from tests.coachdash import factories
from tests.coachdash.conftest import LogIn

FRAGMENT = {"HX-Request": "true"}


def text_of(client: Client, path: str = "/dashboard/", **headers: str) -> str:
    """What a reader sees: no tags, single spaces."""
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def test_whoever_is_not_logged_in_is_sent_to_the_log_in() -> None:
    response = Client().get("/dashboard/?sort=-points")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login/?next=/dashboard/%3Fsort%3D-points"


def test_an_open_page_whose_session_ended_goes_to_the_log_in_as_a_whole() -> None:
    response = Client().get("/dashboard/", headers=FRAGMENT)
    assert response.headers["HX-Redirect"] == "/login/"


def test_a_coach_reads_their_students_and_nobody_elses(alice: User, bob: User, log_in: LogIn) -> None:
    factories.playing(alice, "Ada Finch", 300, 150)
    factories.playing(bob, "Ivo Moss", 600)
    page = text_of(log_in(alice))
    assert "Ada Finch" in page
    assert "450" in page
    assert "Ivo Moss" not in page
    assert "600" not in page


@pytest.mark.parametrize("coach", ["other", "nonsense", "0", "999999", "99999999999999999999"])
def test_a_coach_who_asks_for_another_one_finds_nothing(coach: str, alice: User, bob: User, log_in: LogIn) -> None:
    number = bob.pk if coach == "other" else coach
    assert log_in(alice).get(f"/dashboard/?coach={number}").status_code == 404


def test_a_manager_reads_all_students_with_their_coaches_or_those_of_one(
    alice: User, bob: User, manager: User, log_in: LogIn
) -> None:
    factories.student(alice, "Ada Finch")
    factories.student(bob, "Ivo Moss")
    client = log_in(manager)
    everybody = text_of(client)
    assert "Ada Finch Alice" in everybody
    assert "Ivo Moss Bob" in everybody
    one = text_of(client, f"/dashboard/?coach={bob.pk}")
    assert "Ivo Moss" in one
    assert "Ada Finch" not in one


@pytest.mark.parametrize(
    ("status", "shown"),
    [("user_created", "Invited"), ("pending_approval", "Awaiting approval"), ("denied", "Denied")],
)
def test_a_student_who_cannot_play_is_shown_as_such_and_not_with_zeros(
    status: str, shown: str, alice: User, log_in: LogIn
) -> None:
    factories.account(factories.student(alice), status)
    assert f"Ada Finch No team High school {shown} \N{EN DASH} no figures Never seen" in text_of(log_in(alice))


def test_a_student_without_an_account_is_shown_as_not_on_the_platform(alice: User, log_in: LogIn) -> None:
    factories.student(alice)
    page = text_of(log_in(alice))
    assert "Not on platform \N{EN DASH} no figures" in page
    assert "0 of 1 students with an approved account" in page


def test_a_coach_without_students_is_told_what_will_come(alice: User, log_in: LogIn) -> None:
    page = text_of(log_in(alice))
    assert "No students here yet." in page
    assert "No solves yet." in page
    assert "Nothing has been synced yet" in page


def scored(account: Account, points: int, *, days_ago: int) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    figures = {"challenges": 1, "points": points, "practice_points": points, "ctf_points": 0, "ctf_events": 0}
    ScorePoint.objects.create(account=account, day=at.astimezone(UTC).date(), as_of=at, **figures)


def test_the_trend_shows_the_points_and_how_they_grew(alice: User, log_in: LogIn) -> None:
    ada = factories.playing(alice, "Ada Finch", 300)
    scored(ada, 1_200, days_ago=9)
    scored(ada, 3_450, days_ago=1)
    began = (timezone.now() - timedelta(days=9)).astimezone(UTC)
    client = log_in(alice)
    assert "3,450 as of 1 day ago" in text_of(client)
    assert f"2,250 more than on {began.day} {began:%B}" in text_of(client)
    assert "days in UTC" in text_of(client)
    label = f"1,200 on {began.day} {began:%B}, 3,450 today"
    page = client.get("/dashboard/").content.decode()
    assert f'aria-label="Line chart of the points at the end of every day: {label}"' in page
    assert ": 1,200 points</title>" in page
    assert "No scores yet" not in page


def test_points_that_became_fewer_are_said_so(alice: User, log_in: LogIn) -> None:
    ada = factories.playing(alice, "Ada Finch", 300)
    scored(ada, 500, days_ago=2)
    scored(ada, 480, days_ago=0)
    page = text_of(log_in(alice))
    assert "480 as of just now" in page
    assert "20 fewer than on" in page


def test_before_the_first_scoring_the_page_says_what_points_come_from(alice: User, log_in: LogIn) -> None:
    factories.playing(alice, "Ada Finch", 300)
    client = log_in(alice)
    assert "No scores yet: they come with scheduled scoring." in text_of(client)
    assert "<polyline" not in client.get("/dashboard/").content.decode()


def test_the_fragment_shows_what_the_page_shows_without_its_frame(alice: User, log_in: LogIn) -> None:
    factories.playing(alice, "Ada Finch", 300)
    client = log_in(alice)
    page = client.get("/dashboard/").content.decode()
    fragment = client.get("/dashboard/", headers=FRAGMENT).content.decode()
    assert "<html" not in fragment
    assert fragment.strip() in page


def test_a_fragment_that_shows_nothing_new_is_not_sent_again(alice: User, log_in: LogIn) -> None:
    client = log_in(alice)
    account = factories.playing(alice, "Ada Finch", 300)
    page = html.unescape(client.get("/dashboard/?sort=-points").content.decode())
    beat = re.search(r'hx-get="([^"]+)"', page)
    assert beat is not None
    assert client.get(beat[1], headers=FRAGMENT).status_code == 204
    factories.solve(account, 100, title="Fresh Falcon")
    response = client.get(beat[1], headers=FRAGMENT)
    assert response.status_code == 200
    assert "Fresh Falcon" in response.content.decode()


def test_the_sync_under_way_is_shown_and_the_page_looks_more_often(alice: User, log_in: LogIn) -> None:
    client = log_in(alice)
    assert "every 10s" in client.get("/dashboard/").content.decode()
    enqueue("game_platform_sync", {"coachId": alice.pk}, created_by=alice.pk)
    assert "every 2s" in client.get("/dashboard/").content.decode()
    assert "A sync waits for its turn" in text_of(client)


def test_times_are_said_relatively_and_exactly_in_the_coachs_own_zone(bob: User, log_in: LogIn) -> None:
    moment = timezone.now() - timedelta(hours=3)
    factories.playing(bob, "Ivo Moss", 300, at=moment)
    page = log_in(bob).get("/dashboard/").content.decode()
    exact = re.search(r'<time datetime="[^"]+-0[45]:00" title="[^"]+ E[SD]T">3 hours ago</time>', page)
    assert exact is not None


@pytest.mark.parametrize("students", [3, 30])
def test_the_page_costs_the_same_queries_however_many_students(
    students: int, alice: User, log_in: LogIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for nth in range(students):
        factories.playing(alice, f"Ada Finch{nth}", 100)
        team = Team.objects.create(coach=alice, name=f"Team {nth}", division="college")
        factories.student(alice, f"Ivo Moss{nth}", team=team)
    client = log_in(alice)
    with django_assert_num_queries(13):
        client.get("/dashboard/")


def test_sorting_is_a_link_that_turns_around(alice: User, log_in: LogIn) -> None:
    factories.playing(alice, "Ada Finch", 100)
    factories.playing(alice, "Ivo Moss", 900)
    client = log_in(alice)
    assert 'href="?sort=-points#students"' in client.get("/dashboard/").content.decode()
    page = client.get("/dashboard/?sort=-points").content.decode()
    assert page.rindex("Ivo Moss") < page.rindex("Ada Finch")
    assert 'aria-sort="descending"><a id="sort-points" href="?sort=points#students"' in page


def test_a_name_cannot_bring_markup_into_the_page(alice: User, log_in: LogIn) -> None:
    factories.student(alice, "<b>Ada</b> Finch")
    page = log_in(alice).get("/dashboard/").content.decode()
    assert "<b>Ada" not in page
    assert "&lt;b&gt;Ada" in page
