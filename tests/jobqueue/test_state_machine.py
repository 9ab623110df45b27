"""Any order of what people and workers do, against what must hold after every step."""

from collections import Counter
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from jobqueue import housekeeping, settling, transitions
from jobqueue.api import enqueue
from jobqueue.claim import claim
from jobqueue.models import Attempt, Job
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause, resume
from jobqueue.reports import after_error
from jobqueue.rescue import rescue
from jobqueue.states import UNFINISHED, AttemptOutcome, OnFailure, Parked, Status
from tests.jobqueue import invariants
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import Held

_UNUSED = (AttemptOutcome.POSTPONED, AttemptOutcome.RETURNED)


_TYPES = ("fail_until", "noop")
_PLACES = 2


class Queue(RuleBasedStateMachine):
    """A queue with two unique keys, a concurrency key, dependencies and a pause of one task type.

    `held` are claims that some worker believes to have, old ones too.
    """

    jobs = Bundle("jobs")
    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        # A claim forbids sorting until its transaction ends, here that of the whole example; what sorts nevertheless
        # then looks so expensive that PostgreSQL would compile it first, for a second each time.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")
        self._claims: Counter[UUID] = Counter()
        """The highest claim of each job that was ever seen."""
        self._recorded: Counter[UUID] = Counter()
        """How many attempts were recorded, by what the verbs returned."""

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    # -- what people do

    @rule(target=jobs, key=st.sampled_from([None, "a", "b"]), attempts=st.integers(1, 3))
    def enqueue(self, key: str | None, attempts: int) -> UUID:
        holders = set(Job.objects.unfinished().filter(unique_key=key).values_list("pk", flat=True)) if key else set()
        enqueued = enqueue("fail_until", unique_key=key, max_attempts=attempts)
        assert enqueued.created == (not holders)
        assert enqueued.created or holders == {enqueued.id}
        return enqueued.id

    @rule(target=jobs, task_type=st.sampled_from(_TYPES), attempts=st.integers(1, 2))
    def enqueue_limited(self, task_type: str, attempts: int) -> UUID:
        return enqueue(task_type, concurrency_key="p", concurrency_limit=_PLACES, max_attempts=attempts).id

    @rule(target=jobs, parents=st.lists(jobs, min_size=1, max_size=2), on_failure=st.sampled_from(OnFailure))
    def enqueue_dependent(self, parents: list[UUID], on_failure: OnFailure) -> UUID | None:
        there = Job.objects.filter(pk__in=parents).values_list("pk", flat=True)
        id_ = enqueue("noop", depends_on=list(there), on_failure=on_failure).id
        settling.sweep()  # as the commit would, but this transaction has none
        return id_

    @rule(job=jobs)
    def cancel(self, job: UUID) -> None:
        before = self._status(job)
        moved = transitions.cancel([job])
        assert bool(moved.done) == (before in ("pending", "retrying"))
        assert bool(moved.requested) == (before == "running")

    @rule(job=jobs)
    def retry(self, job: UUID) -> None:
        before = self._status(job)
        moved = transitions.retry([job])
        assert not (moved.done and before in ("pending", "running", None))
        assert not moved.done or self._status(job) == "pending"

    @rule(job=jobs)
    def delete(self, job: UUID) -> None:
        before = self._status(job)
        assert bool(transitions.delete([job]).done) == (before not in ("running", "retrying", None))
        if self._status(job) is None:
            self._recorded.pop(job, None)

    @rule()
    def pause(self) -> None:
        pause(reason="test", scope=PauseScope.TASK_TYPE, name="noop")

    @rule()
    def resume(self) -> None:
        resume(scope=PauseScope.TASK_TYPE, name="noop")

    @rule()
    def keep_house(self) -> None:
        housekeeping.keep()
        invariants.nobody_waits_for_nothing()

    @rule(first=jobs, second=jobs)
    def retry_two(self, first: UUID, second: UUID) -> None:
        transitions.retry([first, second])

    @rule(job=jobs)
    def run_now(self, job: UUID) -> None:
        before = Job.objects.filter(pk=job).first()
        can = before is not None and before.status in ("pending", "retrying")
        is_held = before is not None and before.blockers > bool(before.parked)
        assert bool(transitions.run_now([job]).done) == (can and not is_held)

    # -- what workers do

    @rule(target=held)
    def claim(self) -> MultipleResults[Held]:
        return self._claim(1)

    @rule(held=held)
    def mark_started(self, held: Held) -> None:
        held.mark_started()  # of a job that is another's by now, or deleted, this changes nothing

    @rule(held=held)
    def succeed(self, held: Held) -> None:
        self._finish(held, Status.SUCCEEDED, AttemptOutcome.SUCCEEDED)

    @rule(held=held)
    def fail(self, held: Held) -> None:
        status, _ = after_error("fail_until", held.claimed.number, held.claimed.max_attempts, "ValueError")
        self._finish(held, status, AttemptOutcome.ERROR)

    @rule(held=held)
    def fail_for_good(self, held: Held) -> None:
        self._finish(held, Status.FAILED, AttemptOutcome.ERROR)

    @rule(held=held, outcome=st.sampled_from(_UNUSED))
    def hand_back(self, held: Held, outcome: AttemptOutcome) -> None:
        status = Status.RETRYING if held.claimed.number > 1 else Status.PENDING
        self._finish(held, status, outcome)

    @rule(held=held)
    def release(self, held: Held) -> None:
        is_ours, job = self._is_ours(held), self._row(held)
        assert held.release() == (is_ours and job is not None and job.started_at is None)

    @rule(held=held)
    def lose_the_worker(self, held: Held) -> None:
        """It may wake again and go on with what it believes to hold."""
        mine = {job.pk: job for job in Job.objects.running().filter(worker=held.worker)}
        assert rescue(held.worker) == len(mine)
        self._recorded.update({id_: job.started_at is not None for id_, job in mine.items()})
        assert rescue(held.worker) == 0

    @rule(target=held, held=held)
    def freeze_the_worker_until_another_has_its_job(self, held: Held) -> MultipleResults[Held]:
        self.lose_the_worker(held)
        Job.objects.waiting().update(run_at=timezone.now())
        others = self._claim(10)
        self.mark_started(held)
        self.release(held)
        self.succeed(held)
        return others

    def _claim(self, limit: int) -> MultipleResults[Held]:
        worker = make_worker().pk
        parked = Job.objects.filter(parked=Parked.LIMITED)
        before = parked.count()
        held = [Held(claimed=claimed, worker=worker) for claimed in claim(worker, limit)]
        # What a key had no place for was taken, too, and is parked now.
        assert len(held) + parked.count() - before >= limit or not invariants.claimable().exists()
        assert all(one.claimed.claim > self._claims[one.id] for one in held)
        return multiple(*held)

    def _finish(self, held: Held, status: Status, outcome: AttemptOutcome) -> None:
        is_ours, before = self._is_ours(held), self._row(held)
        recorded = held.finish(status, outcome=outcome.value, delay=0.0 if status in UNFINISHED else None)
        assert recorded == is_ours
        if before is None:
            return
        self._recorded[before.pk] += recorded
        after = held.row()
        if not recorded:
            assert (after.status, after.claim, after.attempts) == (before.status, before.claim, before.attempts)
        elif before.cancel_requested_at and status != Status.SUCCEEDED:
            assert after.status == Status.CANCELLED
        else:
            assert after.status == status

    def _is_ours(self, held: Held) -> bool:
        job = self._row(held)
        return job is not None and job.status == "running" and job.claim == held.claimed.claim

    def _row(self, held: Held) -> Job | None:
        return Job.objects.filter(pk=held.id).first()

    def _status(self, job: UUID) -> str | None:
        return Job.objects.filter(pk=job).values_list("status", flat=True).first()

    # -- what holds after every step

    @invariant()
    def every_row_is_possible(self) -> None:
        invariants.every_row_is_possible()

    @invariant()
    def dependencies_agree_with_their_jobs(self) -> None:
        invariants.dependencies_agree_with_their_jobs()

    @invariant()
    def no_key_has_more_running_than_places(self) -> None:
        assert Job.objects.running().filter(concurrency_key="p").count() <= _PLACES

    @invariant()
    def claims_never_decrease(self) -> None:
        for id_, number in Job.objects.values_list("pk", "claim"):
            assert number >= self._claims[id_]
            self._claims[id_] = number

    @invariant()
    def each_recorded_outcome_has_one_attempt(self) -> None:
        attempts = list(Attempt.objects.values_list("job_id", "claim"))
        assert Counter(job for job, _ in attempts) == +self._recorded
        assert all(1 <= number <= self._claims[job] for job, number in attempts)

    @invariant()
    def unique_keys_are_held_once(self) -> None:
        keys = Job.objects.unfinished().exclude(unique_key=None).values_list("unique_key", flat=True)
        assert len(keys) == len(set(keys))


@pytest.mark.django_db
def test_any_order_of_steps_leaves_the_queue_consistent() -> None:
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=40,
            stateful_step_count=50,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
