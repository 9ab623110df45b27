"""Writing one batch: what is left out, and how many statements it takes."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from gameplatform.models import Account, SyncState
from gameplatform.providers.records import EventEntry, PlatformSolve, Practice, Profile, ReportedTotals
from gameplatform.simulator.people import Competitor
from gameplatform.sync.batch import write_batch
from gameplatform.sync.fetch import Fetched
from tests.gameplatform.platform import Platform

from .syncing import sync

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def solve(solve_id: int, solved_at: datetime = NOON) -> PlatformSolve:
    return PlatformSolve(
        solve_id=solve_id,
        challenge_id=solve_id,
        title=f"Challenge {solve_id}",
        category="crypto",
        points=100,
        solved_at=solved_at,
        work_roles=("Threat Analysis",),
        retired=False,
    )


def came_in(account_id: UUID, *solved_at: datetime) -> Fetched:
    solves = tuple(solve(number, moment) for number, moment in enumerate(solved_at))
    event = EventEntry(
        name=f"Event {account_id.int % 5}",
        starts_at=NOON,
        rank=1,
        points=200,
        max_points=900,
        challenges_solved=2,
        solves=(solve(0), solve(1)),
    )
    return Fetched(
        account_id=account_id,
        profile=Profile(remote_id=7, username="alice", status="approved", last_login=NOON),
        practice=Practice(
            solves=solves, totals=ReportedTotals(challenges=len(solves), points=100 * len(solves)), last_seen=NOON
        ),
        events=(event,),
    )


def write(*batch: Fetched) -> int:
    """How many statements it took."""
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        write_batch(batch)
    return len(captured)


def test_an_account_that_was_deleted_meanwhile_does_not_come_back() -> None:
    kept = Account.objects.create()

    with transaction.atomic():
        outcome = write_batch([came_in(uuid4(), NOON), came_in(kept.pk, NOON)])

    assert (outcome.synced, outcome.skipped) == (1, 1)
    assert list(Account.objects.values_list("pk", "username")) == [(kept.pk, "alice")]
    assert SyncState.objects.get().pk == kept.pk


def test_200_accounts_take_as_many_statements_as_100() -> None:
    accounts = Account.objects.bulk_create(Account() for _ in range(300))
    batch = [came_in(account.pk, NOON, NOON) for account in accounts]

    assert write(*batch[:100]) == write(*batch[100:]) < 15


def test_a_sync_of_26_accounts_takes_as_many_statements_as_one_of_13(platform: Platform) -> None:
    assert statements(platform, platform.people()[:13]) == statements(platform, platform.people()[:26])


def statements(platform: Platform, people: list[Competitor]) -> int:
    Account.objects.all().delete()
    platform.link(people)
    with CaptureQueriesContext(connection) as captured:
        sync(batch_size=100)
    return len(captured)


def test_a_solve_dated_in_the_future_does_not_make_the_sync_jump() -> None:
    account = Account.objects.create()
    before = datetime.now(UTC)

    write(came_in(account.pk, NOON, datetime(2099, 1, 1, tzinfo=UTC)))

    state = SyncState.objects.get()
    assert state.watermark is not None
    assert state.watermark < before
    assert account.solves.filter(solved_at__year=2099).exists()


def test_a_watermark_never_moves_back() -> None:
    account = Account.objects.create()
    write(came_in(account.pk, NOON))
    reached = SyncState.objects.get().watermark

    write(came_in(account.pk, datetime(2026, 4, 1, tzinfo=UTC)))

    assert SyncState.objects.get().watermark == reached


def test_what_came_before_an_error_is_kept() -> None:
    account = Account.objects.create()
    fetched = came_in(account.pk, NOON)
    fetched.events, fetched.error = None, ValueError("events are broken")

    write(fetched)

    state = SyncState.objects.get()
    assert account.solves.count() == 1
    assert state.watermark is not None
    assert (state.error_code, state.error_message) == ("UNEXPECTED", "events are broken")
