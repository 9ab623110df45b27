"""This project's parts of the admin's dashboard: freshness per coach, and the platform."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coachdash.admin_dashboard import PARTS, read_freshness
from gameplatform import dashboard as platform
from gameplatform.models import Account, SyncRun, SyncState
from jobqueue.api import Level

pytestmark = pytest.mark.django_db


def a_coach() -> User:
    """Somebody who looks after students."""
    return User.objects.create_user(f"coach-{User.objects.count()}")


def synced(coach: Any, ago: timedelta | None, **fields: Any) -> SyncState:
    """A student's account of this coach, synced so long ago."""
    account = Account.objects.create(coach=coach)
    success = None if ago is None else timezone.now() - ago
    return SyncState.objects.create(account=account, last_success_at=success, **fields)


class TestFreshness:
    def test_the_stalest_coach_comes_first(self) -> None:
        fresh, stale, never = (a_coach() for _ in range(3))
        synced(fresh, timedelta(minutes=1))
        synced(fresh, None)
        synced(stale, timedelta(hours=5))
        synced(never, None, consecutive_failures=2, error_code="TIMEOUT")

        reading = read_freshness()

        rows = reading.context["coaches"]
        assert [row.is_stale for row in rows] == [True, True, False]
        assert (rows[0].newest, rows[0].failing, rows[2].never, rows[2].students) == (None, 1, 1, 2)
        (signal,) = reading.signals
        assert signal.level == Level.WARNING
        assert "2 of 3 coaches have nothing newer than 2 hours" in signal.message

    def test_fresh_data_is_well(self) -> None:
        synced(a_coach(), timedelta(minutes=5))

        (signal,) = read_freshness().signals
        assert (signal.level, signal.message) == (Level.HEALTHY, "The newest came 5\xa0minutes ago.")

    def test_no_student_yet_is_no_trouble(self) -> None:
        assert [signal.level for signal in read_freshness().signals] == [Level.HEALTHY]


class TestPlatform:
    @pytest.mark.parametrize(("failing", "level"), [(0, Level.HEALTHY), (1, Level.WARNING), (3, Level.CRITICAL)])
    def test_it_is_judged_by_how_many_calls_fail(self, failing: int, level: Level) -> None:
        coach = a_coach()
        for at in range(3):
            bad = {"consecutive_failures": 1, "error_code": "UNAUTHORIZED"} if at < failing else {}
            synced(coach, timedelta(minutes=1), **bad)

        reading = platform.read()

        assert reading.signals[0].level == level
        assert [one["number"] for one in reading.context["errors"]] == ([failing] if failing else [])

    def test_a_run_that_stopped_says_why(self) -> None:
        SyncRun.objects.create(kind="sync", error="The platform refused the token (401).", requests=7)

        reading = platform.read()

        assert "refused the token" in reading.signals[0].message
        assert (reading.signals[0].level, reading.context["lately"]["requests"]) == (Level.CRITICAL, 7)

    def test_switched_off_says_by_what(self, settings: Any) -> None:
        settings.GAME_PLATFORM = {**settings.GAME_PLATFORM, "ENABLED": False}

        assert "GAME_PLATFORM_INTEGRATION_ENABLED" in platform.read().signals[0].message


def test_both_are_on_the_dashboard(admin_client: Client) -> None:
    synced(a_coach(), timedelta(minutes=1))

    page = admin_client.get("/admin/").content.decode()

    for part in PARTS:
        assert f'aria-label="{part.title}"' in page


def test_they_cost_the_same_for_one_coach_and_for_many() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            for part in PARTS:
                part.read()
        return len(captured)

    synced(a_coach(), timedelta(minutes=1))
    before = queries()
    for _ in range(15):
        synced(a_coach(), timedelta(minutes=1))
    assert queries() == before
