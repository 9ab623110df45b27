"""Scores from snapshots."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from gameplatform.models import Account, ScorePoint, Snapshot
from gameplatform.scoring.score import SCORE

from .scoring import events, expected, score, scored, snapshot, solves

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ada() -> Account:
    return Account.objects.create(username="ada")


@pytest.fixture
def ben() -> Account:
    return Account.objects.create(username="ben")


def points_of(account: Account) -> dict[date, int]:
    return dict(ScorePoint.objects.filter(account=account).values_list("day", "points"))


def fill(accounts: list[Account], seed: int, *, days: int = 12) -> None:
    """Snapshots at odd times of many days, of one collector or the other, with growing totals."""
    rng = random.Random(seed)
    for account in accounts:
        for nth in range(days):
            for _ in range(rng.randrange(4)):
                take = rng.choice([solves, events])
                at = NOON + nth * DAY + timedelta(minutes=rng.randrange(-719, 720))
                take(account, at, points=nth * 100 + rng.randrange(90), challenges=rng.randrange(50))


def test_a_days_score_is_that_of_its_newest_snapshots(ada: Account) -> None:
    solves(ada, NOON - HOUR, points=100, challenges=1)
    solves(ada, NOON, points=300, challenges=2)
    events(ada, NOON + HOUR, points=50, challenges=1, count=3)

    result = score()

    point = ScorePoint.objects.get()
    assert (point.day, point.as_of) == (date(2026, 3, 10), NOON + HOUR)
    assert (point.challenges, point.points) == (3, 350)
    assert (point.practice_points, point.ctf_points, point.ctf_events) == (300, 50, 3)
    assert (result.accounts, result.accounts_scored, result.rows_written) == (1, 1, 1)
    assert result.requests_made == result.items_collected == result.failures == 0


def test_a_collector_that_did_not_run_counts_as_it_last_did(ada: Account) -> None:
    events(ada, NOON, points=50, count=3)
    solves(ada, NOON + 2 * DAY, points=300)

    score()

    assert points_of(ada) == {date(2026, 3, 10): 50, date(2026, 3, 12): 350}
    assert ScorePoint.objects.get(day=date(2026, 3, 12)).ctf_events == 3


def test_days_are_those_of_utc(ada: Account) -> None:
    solves(ada, datetime(2026, 3, 10, 23, 59, 59, 999_999, tzinfo=UTC), points=100)
    solves(ada, datetime(2026, 3, 11, tzinfo=UTC), points=200)

    score()

    assert points_of(ada) == {date(2026, 3, 10): 100, date(2026, 3, 11): 200}


def test_profiles_and_teams_make_no_score(ada: Account) -> None:
    snapshot(ada, "profiles", NOON, {"status": "approved", "lastLogin": None})
    snapshot(ada, "teams", NOON, {"team": None})

    assert score().accounts_scored == 0
    assert not ScorePoint.objects.exists()


@pytest.mark.parametrize("seed", range(8))
def test_scores_are_what_the_snapshots_say_computed_in_another_way(seed: int) -> None:
    accounts = Account.objects.bulk_create(Account() for _ in range(5))
    fill(accounts, seed)

    result = score()

    assert scored() == expected() != {}
    assert result.rows_written == len(expected())


@pytest.mark.parametrize("seed", range(8))
def test_scoring_day_by_day_comes_to_the_same_as_all_at_once(seed: int) -> None:
    accounts = Account.objects.bulk_create(Account() for _ in range(5))
    fill(accounts, seed)
    snapshots = list(Snapshot.objects.order_by("taken_at"))
    Snapshot.objects.all().delete()
    for some in (snapshots[:7], snapshots[7:8], snapshots[8:]):
        Snapshot.objects.bulk_create(some)
        score()

    assert scored() == expected()


def test_only_what_is_new_is_scored(ada: Account, ben: Account) -> None:
    solves(ada, NOON, points=100)
    solves(ben, NOON, points=200)
    score()
    solves(ada, NOON + HOUR, points=150)

    result = score()

    assert (result.accounts, result.accounts_scored, result.rows_written) == (2, 1, 1)
    assert points_of(ada) == {date(2026, 3, 10): 150}
    assert score().accounts_scored == 0


def test_rescoring_counts_what_was_changed_since(ada: Account) -> None:
    accounts = [ada, *Account.objects.bulk_create(Account() for _ in range(4))]
    fill(accounts, seed=3)
    score()
    for row in Snapshot.objects.filter(collector="solves"):
        row.data["points"] += 7
        row.save()
    assert score().accounts_scored == 0

    result = score(rescore=True)

    assert scored() == expected()
    assert result.accounts_scored == 5
    assert score(rescore=True).rows_written == 0


def test_days_from_a_date_on_are_scored_again_and_no_earlier_ones(ada: Account) -> None:
    for nth in range(3):
        solves(ada, NOON.replace(hour=0) + nth * DAY, points=100)
    score()
    for row in Snapshot.objects.all():
        row.data["points"] = 500
        row.save()

    result = score(since="2026-03-11")

    assert points_of(ada) == {date(2026, 3, 10): 100, date(2026, 3, 11): 500, date(2026, 3, 12): 500}
    assert result.rows_written == 2


def test_what_was_never_scored_is_scored_whatever_the_date(ada: Account, ben: Account) -> None:
    solves(ada, NOON, points=100)
    solves(ben, NOON, points=100)

    score(since="2027-01-01")

    assert set(ScorePoint.objects.values_list("account", flat=True)) == {ada.pk, ben.pk}


@pytest.mark.parametrize("since", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_date_are_dates(since: str, ada: Account) -> None:
    solves(ada, NOON, points=100)
    score()

    assert score(since=since).accounts_scored == (since < "2026")


def test_points_whose_snapshots_are_gone_stay(ada: Account) -> None:
    solves(ada, NOON, points=100)
    score()
    Snapshot.objects.all().delete()
    solves(ada, NOON + DAY, points=200)

    score(rescore=True)

    assert points_of(ada) == {date(2026, 3, 10): 100, date(2026, 3, 11): 200}


def test_a_dry_run_counts_and_writes_nothing(ada: Account) -> None:
    solves(ada, NOON, points=100)

    result = score(dryRun=True)

    assert not ScorePoint.objects.exists()
    assert (result.dry_run, result.accounts_scored, result.rows_written) == (True, 1, 1)
    assert score().rows_written == 1


def test_a_scope_is_scored_alone(ada: Account, ben: Account) -> None:
    from django.contrib.auth.models import User

    alice = User.objects.create(username="alice")
    Account.objects.filter(pk=ada.pk).update(coach=alice)
    solves(ada, NOON, points=100)
    solves(ben, NOON, points=100)

    assert score(coachId=alice.pk).accounts == 1
    assert set(ScorePoint.objects.values_list("account", flat=True)) == {ada.pk}


def test_a_batch_costs_the_same_queries_however_much_there_is(settings: Settings) -> None:
    settings.GAME_PLATFORM = {"BATCH_SIZE": 10}
    counts = []
    for days in (1, 30):
        accounts = Account.objects.bulk_create(Account() for _ in range(10))
        fill(accounts, seed=days, days=days)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            score()
        counts.append(len(queries))

    # Each batch: its page, and one statement between savepoint and release.
    assert counts[1] - counts[0] == 4


def test_only_snapshots_behind_the_last_score_are_read() -> None:
    accounts = Account.objects.bulk_create(Account() for _ in range(20))
    for account in accounts:
        Snapshot.objects.bulk_create(
            Snapshot(account=account, collector="solves", taken_at=at, day=at.date(), job_id=uuid4(), items=0, data={})
            for at in (NOON + nth * HOUR for nth in range(200))
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE gameplatform_snapshot")
        cursor.execute(f"EXPLAIN {SCORE}", {"ids": [account.pk for account in accounts], "since": "infinity"})
        plan = [line.strip() for (line,) in cursor.fetchall()]

    [condition] = [line for line in plan if "taken_at > LEAST(" in line and line.startswith("Index Cond")]
    assert "account_id = account.id" in condition
