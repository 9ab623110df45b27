"""Solves, events and sync runs in the admin, to read."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from gameplatform.models import Account, EventResult, FlashEvent, Solve
from jobqueue.api import enqueue
from tests.coachdash import factories

from .conftest import SignIn, listed, make_run

SOLVES = "/admin/gameplatform/solve/"
EVENTS = "/admin/gameplatform/flashevent/"
RUNS = "/admin/gameplatform/syncrun/"


def make_event(account: Account, name: str = "Winter Cup", points: int = 400) -> FlashEvent:
    event = FlashEvent.objects.create(name=name, starts_at=factories.NOW)
    EventResult.objects.create(account=account, event=event, points=points, max_points=900, challenges_solved=1)
    return event


def grow(account: Account, number: int) -> None:
    for n in range(number):
        event = make_event(account, f"Cup {number}.{n}")
        factories.solve(account, 100, ctf=event)
        make_run(coach_id=account.coach_id)


@pytest.mark.parametrize("address", [SOLVES, EVENTS, RUNS])
def test_a_long_list_takes_as_many_queries_as_a_short_one(
    ada: Account, dora: Client, address: str, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    grow(ada, 1)
    with django_assert_max_num_queries(16) as few:
        dora.get(address)
    grow(ada, 8)

    with django_assert_num_queries(len(few.captured_queries)):
        dora.get(address)


@pytest.mark.parametrize("address", [SOLVES, EVENTS, RUNS])
def test_who_may_operate_reads_them_and_strangers_do_not(
    ada: Account, sign_in: SignIn, otto: Client, address: str
) -> None:
    assert otto.get(address).status_code == 200
    assert sign_in("eve").get(address).status_code == 403
    assert otto.get(f"{address}add/").status_code == 403


def test_solves_are_found_by_account_and_by_event(ada: Account, coach: User, dora: Client) -> None:
    event = make_event(ada)
    won = factories.solve(ada, 300, ctf=event)
    other = factories.playing(coach, "Bea Stone", 50).solves.get()

    assert listed(dora, SOLVES, account=ada.pk) == list(ada.solves.order_by("-pk"))
    assert listed(dora, SOLVES, event=event.pk) == [won]
    assert other not in listed(dora, SOLVES, q="ada1")
    assert listed(dora, SOLVES, q=str(ada.pk)) == list(ada.solves.order_by("-pk"))


@pytest.mark.parametrize("query", [{"account": "x"}, {"account": str(uuid4())}, {"event": "x"}, {"event": "9" * 30}])
def test_what_is_no_account_or_event_has_no_solves(ada: Account, dora: Client, query: dict[str, str]) -> None:
    assert listed(dora, SOLVES, **query) == []


def test_a_solve_has_a_page_that_nobody_edits(ada: Account, otto: Client) -> None:
    solve = Solve.objects.latest("pk")
    address = f"{SOLVES}{solve.pk}/change/"

    assert solve.title in otto.get(address).content.decode()
    assert otto.post(address, {"points": 1}).status_code == 403
    solve.refresh_from_db()
    assert solve.points == 200


def test_an_event_tells_who_took_part_and_the_best_result(ada: Account, coach: User, dora: Client) -> None:
    event = make_event(ada, points=400)
    bea = factories.playing(coach, "Bea Stone")
    EventResult.objects.create(account=bea, event=event, points=700, max_points=900, challenges_solved=2)
    page = dora.get(EVENTS).content.decode()

    assert "700 points" in page
    assert f'href="{SOLVES}?event={event.pk}"' in page
    assert listed(dora, EVENTS, q="winter") == [event]


def test_a_run_shows_each_failure_with_its_account_and_what_to_do(ada: Account, dora: Client) -> None:
    failure = {"account": str(ada.pk), "code": "NOT_FOUND", "message": "GET /users answered 404: unknown"}
    run = make_run(failed=1, failures=[failure], coach_id=ada.coach_id)
    page = dora.get(f"{RUNS}{run.pk}/change/").content.decode()

    assert "GET /users answered 404: unknown" in page
    assert f"?q={ada.pk}" in page
    assert "#404-unknown-account" in page
    assert "alice" in page


def test_a_run_leads_to_its_job_as_long_as_there_is_one(dora: Client, db: None) -> None:
    job = enqueue("game_platform_sync", {})
    run, orphan = make_run(job_id=job.id), make_run(job_id=uuid4())

    assert f"/admin/jobqueue/job/{job.id}/change/" in dora.get(f"{RUNS}{run.pk}/change/").content.decode()
    assert "deleted since" in dora.get(f"{RUNS}{orphan.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"outcome": "failures"}, 1),
        ({"outcome": "stopped"}, 1),
        ({"outcome": "running"}, 1),
        ({"outcome": "x"}, 0),
        ({"q": "alice"}, 1),
        ({"q": "nobody"}, 0),
    ],
)
def test_runs_are_found_by_how_they_went_and_for_whom(
    coach: User, dora: Client, query: dict[str, str], number: int
) -> None:
    make_run(failed=2, coach_id=coach.pk)
    make_run(error="the platform is down", finished_at=None)
    make_run(finished_at=None)

    assert len(listed(dora, RUNS, **query)) == number


@pytest.mark.parametrize("key", ["0", "x", "9" * 40, "-1"])
def test_an_unknown_run_leads_back_to_the_list(dora: Client, key: str) -> None:
    assert dora.get(f"{RUNS}{key}/change/").headers["Location"] == RUNS
