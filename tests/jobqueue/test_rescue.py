"""What becomes of the jobs of a lost worker."""

import pytest

from jobqueue.models import Attempt, Job, Worker
from jobqueue.rescue import rescue
from jobqueue.states import AttemptOutcome, Status
from jobqueue.transitions import cancel
from tests.jobqueue.factories import make_worker
from tests.jobqueue.letters import letters
from tests.jobqueue.lifecycle import Held, hold, take
from tests.jobqueue.threads import in_threads


def _started(**options: object) -> Held:
    held = hold(**options)  # type: ignore[arg-type]
    held.mark_started()
    return held


@pytest.mark.django_db
class TestOneRescuer:
    def test_a_started_job_is_retried_and_its_attempt_recorded_as_lost(self) -> None:
        held = _started()

        assert rescue(held.worker) == 1

        job, attempt = held.row(), Attempt.objects.get()
        assert (job.status, job.attempts, job.worker_id, job.error_code) == (Status.RETRYING, 1, None, "WORKER_LOST")
        assert (attempt.outcome, attempt.number, attempt.claim) == (AttemptOutcome.LOST, 1, 1)
        assert attempt.worker_id == held.worker
        assert attempt.started_at.timestamp() == Held.STARTED
        assert attempt.finished_at >= attempt.started_at
        assert job.error_message == attempt.error_message == "The worker was lost while it ran this job."

    def test_a_started_job_on_its_last_attempt_is_dead(self) -> None:
        held = _started(max_attempts=1)

        rescue(held.worker)

        assert (held.row().status, held.row().attempts) == (Status.DEAD, 1)
        assert held.row().finished_at is not None

    def test_a_started_job_that_was_to_be_cancelled_is_cancelled(self) -> None:
        first, last = _started(), _started(max_attempts=1)
        for held in (first, last):
            cancel([held.id])
            rescue(held.worker)

        assert (first.row().status, last.row().status) == (Status.CANCELLED, Status.CANCELLED)

    def test_a_task_type_may_forbid_another_try(self) -> None:
        with letters(never_retry=frozenset({"WORKER_LOST"})):
            held = _started(task_type="letter")
            rescue(held.worker)

        assert held.row().status == Status.FAILED

    def test_a_job_that_was_not_started_goes_back_unused(self) -> None:
        held = hold()

        assert rescue(held.worker) == 1

        assert (held.row().status, held.row().attempts) == (Status.PENDING, 0)
        assert not Attempt.objects.exists()
        assert take(held.id).claimed.claim == 2

    def test_a_worker_with_many_jobs_loses_each_in_its_own_way(self) -> None:
        worker = make_worker().pk
        started = [_started(worker=worker) for _ in range(3)]
        waiting = [hold(worker) for _ in range(4)]
        other = hold()

        assert rescue(worker) == 7

        assert {held.row().status for held in started} == {Status.RETRYING}
        assert {held.row().status for held in waiting} == {Status.PENDING}
        assert other.row().status == Status.RUNNING

    def test_the_worker_is_marked_as_lost_and_notified_no_more(self) -> None:
        worker = make_worker(is_sleeping=True)

        assert rescue(worker.pk) == 0

        worker.refresh_from_db()
        assert worker.lost_at is not None
        assert not worker.is_sleeping

    def test_a_second_rescue_does_nothing(self) -> None:
        held = _started()
        rescue(held.worker)
        before = Job.objects.values().get()

        assert rescue(held.worker) == 0
        assert Job.objects.values().get() == before
        assert Attempt.objects.count() == 1

    def test_a_worker_that_stopped_in_good_order_is_not_lost(self) -> None:
        worker = make_worker()
        Worker.objects.update(stopped_at=worker.beat_at)

        assert rescue(worker.pk) == 0
        assert Worker.objects.get().lost_at is None

    def test_a_worker_that_nobody_knows_has_no_jobs(self) -> None:
        held = hold()

        assert rescue(held.id) == 0

    def test_a_lost_worker_that_wakes_changes_nothing(self) -> None:
        started, waiting = _started(), hold()
        for held in (started, waiting):
            rescue(held.worker)
        before = list(Job.objects.order_by("id").values())

        for held in (started, waiting):
            held.mark_started()
            assert held.finish(Status.SUCCEEDED) == 0
            assert held.release() == 0

        assert list(Job.objects.order_by("id").values()) == before
        assert Attempt.objects.count() == 1

    def test_a_job_of_a_task_type_that_nobody_knows_any_more_is_rescued_too(self) -> None:
        with letters():
            held = _started(task_type="letter")

        assert rescue(held.worker) == 1
        assert held.row().status == Status.RETRYING

    def test_a_task_type_with_a_broken_backoff_does_not_stop_the_rescue(self) -> None:
        with letters(backoff=lambda _: 1 / 0):
            held = _started(task_type="letter")
            assert rescue(held.worker) == 1

        assert held.row().status == Status.RETRYING


@pytest.mark.django_db(transaction=True)
def test_four_rescuers_at_once_rescue_once() -> None:
    worker = make_worker().pk
    for _ in range(5):
        _started(worker=worker)

    rescued = in_threads(4, lambda _: rescue(worker))

    assert sorted(rescued) == [0, 0, 0, 5]
    assert Attempt.objects.count() == 5
    assert set(Job.objects.values_list("status", "attempts")) == {("retrying", 1)}
