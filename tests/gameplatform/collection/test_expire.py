"""Old snapshots go, but for those that later scores rest on."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from gameplatform.collection import expire
from gameplatform.models import Account, Snapshot
from tests.gameplatform.platform import Platform

from .collecting import collect

pytestmark = pytest.mark.django_db


def snapshot(account: Account, collector: str, *, days_ago: int) -> Snapshot:
    at = timezone.now() - timedelta(days=days_ago)
    return Snapshot.objects.create(
        account=account,
        collector=collector,
        taken_at=at,
        day=at.astimezone(UTC).date(),
        job_id=uuid4(),
        items=0,
        data={},
    )


def test_a_collection_deletes_what_is_too_old_and_keeps_the_newest_of_it(platform: Platform) -> None:
    ada, ben = platform.link(platform.people()[:2])
    old = [snapshot(ada, "solves", days_ago=days) for days in (900, 500, 401)]
    events = snapshot(ada, "events", days_ago=700)
    young = snapshot(ben, "solves", days_ago=399)

    collect(collectors=["solves"])

    left = Snapshot.objects.exclude(taken_at__gt=timezone.now() - timedelta(days=1))
    assert set(left) == {old[-1], events, young}


def test_how_long_is_a_setting_and_many_take_several_statements(
    platform: Platform, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expire, "_MOST_AT_ONCE", 2)
    settings.GAME_PLATFORM["KEEP_SNAPSHOTS"] = timedelta(days=10)
    [ada] = platform.link(platform.people()[:1])
    kept = [snapshot(ada, "teams", days_ago=days) for days in range(20)]

    collect(collectors=["profiles"])

    assert set(Snapshot.objects.filter(collector="teams")) == set(kept[:11])


def test_a_dry_run_deletes_nothing(platform: Platform) -> None:
    [ada] = platform.link(platform.people()[:1])
    for days in (900, 500):
        snapshot(ada, "solves", days_ago=days)

    collect(dryRun=True)

    assert Snapshot.objects.filter(taken_at__lt=datetime.now(UTC) - timedelta(days=400)).count() == 2
