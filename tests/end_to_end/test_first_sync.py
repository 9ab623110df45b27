"""From an empty mirror to one that follows the platform by a schedule."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from gameplatform.models import Account, SyncState
from jobqueue.models import Job, Schedule
from tests.gameplatform.platform import Platform
from tests.gameplatform.sync.syncing import everything
from tests.jobqueue.factories import SELDOM
from tests.jobqueue.worker.waiting import eventually

from .mirror import check_mirror, mirrored
from .syncs import an_hour_passes, succeeded, sync

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]


def test_a_first_sync_mirrors_every_account_and_a_second_one_adds_nothing(platform: Platform) -> None:
    first = sync()

    check_mirror(platform)
    figures = mirrored().values()
    assert first["solves_added"] == sum(one.practice + one.flash for one in figures)
    assert first["events_added"] == sum(one.events for one in figures)
    assert first["competitors"]["total"] == len(figures)
    assert first["failures"] == []
    assert first["requests"] == platform.requests()["total"]

    before = everything(SyncState)
    again = sync(forceFullSync=True)

    assert (again["solves_added"], again["events_added"]) == (0, 0)
    assert again["competitors"]["total"] == len(figures)
    assert everything(SyncState) == before


def test_new_solves_appear_with_the_next_scheduled_sync(platform: Platform) -> None:
    sync()
    before = mirrored()
    late, *others = [UUID(id_) for id_, one in before.items() if one.practice][:10]
    # It arrives now but is dated half an hour before the newest solve that the mirror has of this account.
    platform.add_solve(late, timestamp_unix=_newest_practice(late) - 1800, points=250)
    an_hour_passes(platform)
    for account in others:
        platform.add_solve(account, category="Recon")

    job = _fired_by(_schedule_due_now())

    check_mirror(platform)
    added = {id_: one.practice - before[id_].practice for id_, one in mirrored().items()}
    assert all(added[str(account)] >= 1 for account in (late, *others))
    assert job.result is not None
    assert job.result["solves_added"] == sum(one.practice + one.flash for one in mirrored().values()) - sum(
        one.practice + one.flash for one in before.values()
    )


def _newest_practice(account: UUID) -> int:
    return int(Account.objects.get(pk=account).solves.filter(source="odl").latest("solved_at").solved_at.timestamp())


def _schedule_due_now() -> Schedule:
    schedule = Schedule(name="of this moment", expression=SELDOM, task_type="game_platform_sync")
    schedule.next_run_at = timezone.now() - timedelta(seconds=1)
    schedule.full_clean()
    schedule.save()
    return schedule


def _fired_by(schedule: Schedule) -> Job:
    jobs = Job.objects.filter(schedule=schedule)
    eventually(jobs.exists, "the schedule fires")
    return succeeded(jobs.earliest("id").pk)
