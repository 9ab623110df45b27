"""What each collector finds, compared with the platform's truth."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from gameplatform.categories import domain_of
from gameplatform.models import Snapshot
from gameplatform.providers import provider
from gameplatform.providers.records import AccountRef, EventEntry, PlatformSolve
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform

from .collecting import collect, data_of

pytestmark = pytest.mark.django_db


def busiest(platform: Platform, figure: str) -> UUID:
    """Who has the most of something."""
    truth = platform.truth()
    return max((person.syned_user_id for person in platform.people()), key=lambda one: truth[str(one)][figure])


def practice_of(account_id: UUID) -> tuple[PlatformSolve, ...]:
    metactf = provider()
    solves = metactf.practice(AccountRef(id=account_id, remote_id=None, email=""), None).solves
    metactf.close()
    return solves


def events_of(account_id: UUID) -> tuple[EventEntry, ...]:
    metactf = provider()
    events = metactf.events(AccountRef(id=account_id, remote_id=None, email=""))
    metactf.close()
    return events


def test_all_collectors_store_a_snapshot_of_every_account(platform: Platform, job: FakeJob) -> None:
    accounts = platform.link(platform.people())
    before = timezone.now()

    result = collect(job)

    truth = [platform.truth()[str(account.pk)] for account in accounts]
    assert Snapshot.objects.count() == result.rows_written == 4 * len(accounts)
    assert (result.accounts, result.failures, result.skipped) == (len(accounts), 0, 0)
    assert result.requests_made == 3 * len(accounts) + 1 == platform.requests()["total"]
    assert result.items_collected == sum(user["odl_solves"] + user["flash_events"] + 2 for user in truth)
    for row in Snapshot.objects.all():
        assert before < row.taken_at < timezone.now()
        assert row.day == row.taken_at.astimezone(UTC).date()
        assert row.job_id == job.id


@pytest.mark.parametrize("collector", Snapshot.Collector.values)
def test_each_collector_runs_alone_and_makes_its_own_calls_only(collector: str, platform: Platform) -> None:
    accounts = platform.link(platform.people()[:5])

    result = collect(collectors=[collector])

    assert set(Snapshot.objects.values_list("collector", flat=True)) == {collector}
    assert result.rows_written == 5
    assert result.requests_made == (1 if collector == "teams" else len(accounts))
    [endpoint] = platform.requests()["by_endpoint"]
    assert (
        endpoint.rsplit("/", 1)[-1]
        == {
            "solves": "get_odl_scores",
            "events": "get_flash_ctf_progress",
            "profiles": "users",
            "teams": "get_team_assignments",
        }[collector]
    )


def test_solves_are_counted_by_the_platform_and_added_up_by_domain(platform: Platform) -> None:
    who = busiest(platform, "odl_solves")
    platform.link(platform.people())
    collect(collectors=["solves"])

    data, truth, solves = data_of(who, "solves"), platform.truth()[str(who)], practice_of(who)

    assert (data["challenges"], data["points"]) == (truth["odl_solves"], truth["odl_points"])
    assert sum(data["domains"].values()) == truth["odl_points"]
    assert data["domains"].keys() == {domain_of(solve.category) for solve in solves}
    assert len(data["latest"]) == min(20, len(solves))


def test_a_solve_limit_bounds_the_list_and_no_total(platform: Platform) -> None:
    who = busiest(platform, "odl_solves")
    platform.link(platform.people())
    collect(collectors=["solves"], solveLimit=2, eventLimit=1)

    data, solves = data_of(who, "solves"), practice_of(who)

    newest = max(solves, key=lambda solve: (solve.solved_at, solve.solve_id))
    assert len(data["latest"]) == 2 < data["challenges"] == len(solves)
    assert data["latest"][0] == {
        "title": newest.title,
        "domain": domain_of(newest.category),
        "points": newest.points,
        "solvedAt": newest.solved_at.isoformat(),
    }
    assert Snapshot.objects.get(account_id=who).items == len(solves)


def test_an_event_limit_bounds_the_list_and_no_total(platform: Platform) -> None:
    who = busiest(platform, "flash_events")
    platform.link(platform.people())
    collect(collectors=["events"], eventLimit=1)

    data, truth, events = data_of(who, "events"), platform.truth()[str(who)], events_of(who)

    newest = max(events, key=lambda event: event.starts_at)
    assert len(data["latest"]) == 1 < data["events"] == truth["flash_events"]
    assert (data["points"], data["challenges"]) == (truth["flash_points"], truth["flash_solves"])
    assert data["latest"][0] == {
        "name": newest.name,
        "startsAt": newest.starts_at.isoformat(),
        "rank": newest.rank,
        "points": newest.points,
        "maxPoints": newest.max_points,
        "solved": newest.challenges_solved,
    }


def test_a_profile_holds_no_name_and_no_address(platform: Platform) -> None:
    platform.link(platform.people())
    collect(collectors=["profiles"])

    truth = platform.truth()
    rows: list[Any] = list(Snapshot.objects.all())
    for row in rows:
        login = truth[str(row.account_id)]["last_login_unix_timestamp"]
        when = login and datetime.fromtimestamp(login, UTC).isoformat()
        assert row.data == {"status": "approved", "lastLogin": when}


def test_teams_come_from_one_call_for_everybody(platform: Platform) -> None:
    known = platform.link(platform.people())
    stranger, *_ = platform.link(platform.people(None))

    result = collect(collectors=["teams"])

    truth = platform.truth()
    assert {account.pk: data_of(account.pk, "teams")["team"] for account in known} == {
        account.pk: truth[str(account.pk)]["syned_team_id"] for account in known
    }
    assert data_of(stranger.pk, "teams") == {"team": None}
    assert (result.requests_made, result.items_collected) == (1, len(known))


def test_a_dry_run_asks_the_platform_and_stores_nothing(platform: Platform) -> None:
    accounts = platform.link(platform.people())

    result = collect(dryRun=True)

    assert not Snapshot.objects.exists()
    assert result.dry_run
    assert (result.rows_written, result.requests_made) == (4 * len(accounts), 3 * len(accounts) + 1)
