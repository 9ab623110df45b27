"""A process may be killed at any moment: what its job did through the ledger happens once all the same."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connection

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import Effect
from jobqueue.states import AttemptOutcome, Status

from .conftest import StartWorker
from .outcomes import all_ended, ended, outcomes

pytestmark = [pytest.mark.fault, pytest.mark.usefixtures("counters_table")]

_KILLS = 1_000
_BATCH = 250
_KILLED_ONCE = [AttemptOutcome.KILLED, AttemptOutcome.SUCCEEDED]


@pytest.fixture
def counters_table(database: None) -> Iterator[None]:
    """Where the handlers of `sample/effects.py` count what they really did."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS counters")
        cursor.execute("CREATE TABLE counters (job_id uuid PRIMARY KEY, times int NOT NULL)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE counters")
        cursor.execute("DELETE FROM jobqueue_effect")


def counters() -> dict[UUID, int]:
    """How often each job did what it should do once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT job_id, times FROM counters")
        return dict(cursor.fetchall())


def test_a_thousand_kills_between_effect_and_report_repeat_no_effect(start_worker: StartWorker) -> None:
    start_worker("--concurrency", "4")
    ids: list[UUID] = []
    for _ in range(_KILLS // _BATCH):
        batch = [made.id for made in enqueue_many([NewJob(task_type="count_once_and_die")] * _BATCH)]
        jobs = all_ended(batch)
        assert {job.status for job in jobs} == {Status.SUCCEEDED}
        assert {job.result for job in jobs} == {False}
        ids += batch
    assert counters() == dict.fromkeys(ids, 1)
    # Every second attempt asked, so every first one had committed before it was killed.
    assert set(Effect.objects.values_list("suppressed", flat=True)) == {1}
    assert Effect.objects.count() == _KILLS


def test_a_kill_before_the_commit_leaves_the_effect_to_the_next_attempt(start_worker: StartWorker) -> None:
    start_worker("--concurrency", "2")
    ids = [made.id for made in enqueue_many([NewJob(task_type="die_inside_effect")] * 20)]
    jobs = all_ended(ids)
    assert {job.result for job in jobs} == {True}
    assert all(outcomes(job) == _KILLED_ONCE for job in jobs)
    assert counters() == dict.fromkeys(ids, 1)
    assert set(Effect.objects.values_list("suppressed", flat=True)) == {0}


def test_two_jobs_with_one_key_apply_it_once_over_all_their_attempts(start_worker: StartWorker) -> None:
    start_worker("--concurrency", "2")
    ids = [enqueue("count_once_and_die", {"key": "shared"}).id for _ in range(2)]
    assert all(outcomes(ended(id_)) == _KILLED_ONCE for id_ in ids)
    assert list(counters().values()) == [1]
    effect = Effect.objects.get()
    assert (effect.task_type, effect.key, effect.suppressed) == ("count_once_and_die", "shared", 3)
    assert effect.job_id in ids
