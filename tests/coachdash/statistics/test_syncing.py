"""Which sync a page shows."""

import pytest
from django.contrib.auth.models import User

from coachdash.statistics.syncing import syncing
from jobqueue.api import cancel, enqueue
from jobqueue.models import Job, Worker
from tests.coachdash import factories


def running(payload: dict[str, int], *, done: int = 3, total: int = 10) -> Job:
    """A sync in the hands of a worker."""
    job_id = enqueue("game_platform_sync", payload).id
    worker = Worker.objects.create(
        host="desk", machine="desk", pid=1, concurrency=1, started_at=factories.NOW, beat_at=factories.NOW
    )
    Job.objects.filter(pk=job_id).update(status="running", worker=worker, progress_done=done, progress_total=total)
    return Job.objects.get(pk=job_id)


def test_nothing_is_shown_while_nothing_happens(alice: User) -> None:
    assert syncing(alice, alice) is None
    job_id = enqueue("game_platform_sync", {"coachId": alice.pk}, created_by=alice.pk).id
    cancel([job_id])
    assert syncing(alice, alice) is None


@pytest.mark.parametrize("everybody", [True, False])
def test_a_running_sync_of_the_coach_or_of_everybody_shows_its_progress(everybody: bool, alice: User) -> None:
    running({} if everybody else {"coachId": alice.pk})
    found = syncing(alice, alice)
    assert found is not None
    assert (found.is_running, found.done, found.total) == (True, 3, 10)


def test_another_coachs_sync_is_none_of_ones_business(alice: User, bob: User, manager: User) -> None:
    running({"coachId": bob.pk})
    assert syncing(alice, alice) is None
    assert syncing(manager, None) is not None


def test_the_sync_one_asked_for_is_shown_while_it_waits_and_a_running_one_before_it(alice: User) -> None:
    enqueue("game_platform_sync", {"coachId": alice.pk}, created_by=alice.pk)
    waiting = syncing(alice, alice)
    assert waiting is not None
    assert not waiting.is_running
    running({})
    found = syncing(alice, alice)
    assert found is not None
    assert found.is_running


def test_a_sync_that_waits_for_its_retry_says_so(alice: User) -> None:
    job_id = enqueue("game_platform_sync", {"coachId": alice.pk}, created_by=alice.pk).id
    Job.objects.filter(pk=job_id).update(status="retrying")
    found = syncing(alice, alice)
    assert found is not None
    assert found.is_retrying
