"""Any order of what people and workers do, against what must hold after every step."""

from collections import Counter
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from jobqueue import transitions
from jobqueue.api import enqueue
from jobqueue.claim import claim
from jobqueue.models import Attempt, Job
from jobqueue.reports import after_error
from jobqueue.rescue import rescue
from jobqueue.states import FINISHED, UNFINISHED, AttemptOutcome, Status
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import Held

_UNUSED = (AttemptOutcome.POSTPONED, AttemptOutcome.RETURNED)


class Queue(RuleBasedStateMachine):
    """A queue with up to three unique keys; `held` are claims that some worker believes to have, old ones too."""

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
        assert not (moved.done and before in ("pending", "running"))
        assert not moved.done or self._status(job) == "pending"

    @rule(first=jobs, second=jobs)
    def retry_two(self, first: UUID, second: UUID) -> None:
        transitions.retry([first, second])

    @rule(job=jobs)
    def run_now(self, job: UUID) -> None:
        before = self._status(job)
        assert bool(transitions.run_now([job]).done) == (before in ("pending", "retrying"))

    # -- what workers do

    @rule(target=held)
    def claim(self) -> Held | None:
        worker = make_worker().pk
        claimed = claim(worker, 1)
        if not claimed:
            assert not Job.objects.waiting().exists()
            return None
        id_ = UUID(claimed[0].id)
        assert claimed[0].claim > self._claims[id_]
        return Held(claimed=claimed[0], worker=worker)

    @rule(held=held)
    def mark_started(self, held: Held | None) -> None:
        if held:
            held.mark_started()

    @rule(held=held)
    def succeed(self, held: Held | None) -> None:
        self._finish(held, Status.SUCCEEDED, AttemptOutcome.SUCCEEDED)

    @rule(held=held)
    def fail(self, held: Held | None) -> None:
        if held:
            status, _ = after_error("fail_until", held.claimed.number, held.claimed.max_attempts, "ValueError")
            self._finish(held, status, AttemptOutcome.ERROR)

    @rule(held=held)
    def fail_for_good(self, held: Held | None) -> None:
        self._finish(held, Status.FAILED, AttemptOutcome.ERROR)

    @rule(held=held, outcome=st.sampled_from(_UNUSED))
    def hand_back(self, held: Held | None, outcome: AttemptOutcome) -> None:
        if held:
            status = Status.RETRYING if held.claimed.number > 1 else Status.PENDING
            self._finish(held, status, outcome)

    @rule(held=held)
    def release(self, held: Held | None) -> None:
        if held:
            is_ours, job = self._is_ours(held), held.row()
            assert held.release() == (is_ours and job.started_at is None)

    @rule(held=consumes(held))
    def lose_the_worker(self, held: Held | None) -> None:
        if held:
            job, was_started = held.row(), held.row().started_at is not None
            was_ours = self._is_ours(held)
            assert rescue(held.worker) == was_ours
            self._recorded[job.pk] += was_ours and was_started
            assert rescue(held.worker) == 0

    def _finish(self, held: Held | None, status: Status, outcome: AttemptOutcome) -> None:
        if held is None:
            return
        is_ours, before = self._is_ours(held), held.row()
        recorded = held.finish(status, outcome=outcome.value, delay=0.0 if status in UNFINISHED else None)
        assert recorded == is_ours
        self._recorded[before.pk] += recorded
        after = held.row()
        if not recorded:
            assert (after.status, after.claim, after.attempts) == (before.status, before.claim, before.attempts)
        elif before.cancel_requested_at and status != Status.SUCCEEDED:
            assert after.status == Status.CANCELLED
        else:
            assert after.status == status

    def _is_ours(self, held: Held) -> bool:
        job = held.row()
        return job.status == "running" and job.claim == held.claimed.claim

    def _status(self, job: UUID) -> str:
        return Job.objects.get(pk=job).status

    # -- what holds after every step

    @invariant()
    def every_row_is_possible(self) -> None:
        for job in Job.objects.all():
            assert job.status in Status.values
            assert job.is_finished == (job.finished_at is not None) == (job.status in FINISHED)
            assert (job.status == Status.RUNNING) == (job.worker_id is not None)
            assert 0 <= job.attempts <= job.max_attempts
            assert job.status != Status.PENDING or job.cancel_requested_at is None
            assert job.status != Status.RETRYING or job.attempts > 0

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
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
