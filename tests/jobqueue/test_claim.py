"""Which jobs a claim takes, in which order."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobqueue.api import NewJob, enqueue, enqueue_many, pause, retry
from jobqueue.claim import ClaimedJob, claim, seconds_until_due
from jobqueue.models import Job
from jobqueue.models.pause import PauseScope
from jobqueue.states import FINISHED, Priority, Status
from tests.jobqueue.factories import make_job, make_worker
from tests.jobqueue.lifecycle import hold, job_in, status_of, take
from tests.jobqueue.threads import in_threads


@pytest.fixture
def worker() -> UUID:
    return make_worker().pk


def _ids(jobs: list[ClaimedJob]) -> list[UUID]:
    return [UUID(job.id) for job in jobs]


@pytest.mark.django_db
class TestOneWorker:
    def test_a_claimed_job_runs_and_belongs_to_its_worker(self, worker: UUID) -> None:
        id_ = enqueue("noop").id

        assert _ids(claim(worker, 10)) == [id_]

        job = Job.objects.get()
        assert (job.status, job.worker_id, job.claim, job.started_at) == (Status.RUNNING, worker, 1, None)
        assert claim(worker, 10) == []

    def test_the_executor_gets_all_that_it_needs(self, worker: UUID) -> None:
        due, occurrence = timezone.now() - timedelta(minutes=1), timezone.now() - timedelta(hours=1)
        (enqueued,) = enqueue_many(
            [
                NewJob(
                    task_type="add_one",
                    payload={"number": 2},
                    timeout=timedelta(seconds=1.5),
                    deadline=due + timedelta(days=1),
                    occurrence=occurrence,
                    max_attempts=4,
                )
            ]
        )
        Job.objects.update(checkpoint={"next": 3}, attempts=2, status=Status.RETRYING)

        (job,) = claim(worker, 1)

        assert (job.id, job.claim, job.task_type, job.payload) == (str(enqueued.id), 1, "add_one", '{"number": 2}')
        assert (job.number, job.max_attempts, job.timeout, job.checkpoint) == (3, 4, 1.5, '{"next": 3}')
        assert job.deadline == pytest.approx((due + timedelta(days=1)).timestamp())
        assert job.occurrence == pytest.approx(occurrence.timestamp())

    def test_what_an_ordinary_job_lacks_is_none(self, worker: UUID) -> None:
        enqueue("noop")

        (job,) = claim(worker, 1)

        assert (job.timeout, job.deadline, job.occurrence, job.checkpoint) == (None, None, None, None)
        assert (job.number, job.payload) == (1, "{}")

    def test_higher_priority_comes_first_then_the_longest_due_then_the_oldest(self, worker: UUID) -> None:
        now = timezone.now()
        expected = [
            make_job(priority=priority, run_at=now - timedelta(minutes=minutes))
            for priority in sorted(Priority, reverse=True)
            for minutes in (3, 2, 2, 2, 1)
        ]

        taken = [id_ for limit in (1, 2, 4, 100) for id_ in _ids(claim(worker, limit))]

        assert taken == [job.pk for job in expected]

    def test_old_jobs_of_low_priority_wait_for_new_ones_of_high_priority(self, worker: UUID) -> None:
        old = make_job(priority=Priority.LOW, run_at=timezone.now() - timedelta(days=30))
        new = enqueue("noop", priority=Priority.HIGH).id

        assert _ids(claim(worker, 1)) == [new]
        assert _ids(claim(worker, 1)) == [old.pk]

    def test_no_more_than_asked_for_are_taken(self, worker: UUID) -> None:
        enqueue_many([NewJob(task_type="noop", priority=level) for level in Priority for _ in range(5)])

        assert len(claim(worker, 7)) == 7
        assert Job.objects.running().count() == 7
        assert len(claim(worker, 100)) == 13

    def test_jobs_of_the_future_wait(self, worker: UUID) -> None:
        enqueue("noop", delay=timedelta(seconds=30))
        enqueue("noop", delay=timedelta(days=9), priority=Priority.CRITICAL)

        assert claim(worker, 10) == []

    def test_a_retrying_job_is_claimed_when_its_wait_is_over(self, worker: UUID) -> None:
        id_ = job_in(Status.RETRYING)
        assert claim(worker, 10) == []

        Job.objects.update(run_at=timezone.now())

        (job,) = claim(worker, 10)
        assert (UUID(job.id), job.number, job.claim) == (id_, 2, 2)

    @pytest.mark.parametrize("status", [Status.RUNNING, *FINISHED])
    def test_what_runs_or_has_ended_is_not_taken(self, worker: UUID, status: Status) -> None:
        job_in(status)

        assert claim(worker, 10) == []

    def test_a_job_that_waits_for_others_is_not_taken(self, worker: UUID) -> None:
        make_job(blockers=1)
        free = make_job()

        assert _ids(claim(worker, 10)) == [free.pk]

    def test_a_worker_may_serve_some_queues_only(self, worker: UUID) -> None:
        mail, sync = enqueue("noop", queue="mail").id, enqueue("noop", queue="sync").id
        other = enqueue("noop").id

        assert claim(worker, 10, ["nothing here"]) == []
        assert _ids(claim(worker, 10, ["sync", "mail"])) == [mail, sync]
        assert _ids(claim(worker, 10)) == [other]

    def test_of_some_queues_a_higher_priority_comes_first_whatever_the_queue(self, worker: UUID) -> None:
        for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH):
            enqueue("noop", queue="first", priority=priority)
        critical = enqueue("noop", queue="second", priority=Priority.CRITICAL).id

        assert _ids(claim(worker, 1, ["first", "second"])) == [critical]
        assert Job.objects.get(pk=_ids(claim(worker, 1, ["second", "first"]))[0]).priority == Priority.HIGH

    def test_the_claim_number_grows_at_every_claim_and_is_never_reset(self, worker: UUID) -> None:
        held = hold(worker)
        seen = [held.claimed.claim]
        for _ in range(3):
            held.finish(Status.DEAD)
            retry([held.id])
            held = take(held.id, worker)
            seen.append(held.claimed.claim)
            held.release()
            held = take(held.id, worker)
            seen.append(held.claimed.claim)

        assert seen == [1, 2, 3, 4, 5, 6, 7]

    def test_a_claim_forgets_the_progress_and_the_start_of_the_attempt_before(self, worker: UUID) -> None:
        held = hold(worker)
        held.mark_started()
        Job.objects.update(progress_done=1, progress_total=2, progress_message="half")
        held.finish(Status.RETRYING, delay=0.0)

        job = take(held.id).row()

        assert (job.progress_done, job.progress_total, job.progress_message) == (None, None, "")
        assert job.started_at is None


@pytest.mark.django_db
class TestPauses:
    def test_a_pause_of_everything_stops_every_claim(self, worker: UUID) -> None:
        id_ = enqueue("noop", priority=Priority.CRITICAL).id
        pause(reason="maintenance")

        assert claim(worker, 10) == []
        assert status_of(id_) == Status.PENDING

    def test_a_paused_queue_lets_the_others_through(self, worker: UUID) -> None:
        enqueue("noop", queue="mail")
        other = enqueue("noop").id
        pause(scope=PauseScope.QUEUE, name="mail", reason="provider is down")

        assert _ids(claim(worker, 10)) == [other]
        assert claim(worker, 10, ["mail"]) == []

    def test_a_paused_task_type_lets_the_others_through(self, worker: UUID) -> None:
        enqueue("noop")
        other = enqueue("add_one").id
        pause(scope=PauseScope.TASK_TYPE, name="noop", reason="it has a bug")

        assert _ids(claim(worker, 10)) == [other]

    def test_a_queue_and_a_task_type_of_one_name_are_told_apart(self, worker: UUID) -> None:
        id_ = enqueue("noop").id
        pause(scope=PauseScope.QUEUE, name="noop", reason="x")
        pause(scope=PauseScope.TASK_TYPE, name="default", reason="x")

        assert _ids(claim(worker, 10)) == [id_]

    def test_a_pause_that_has_ended_stops_nothing(self, worker: UUID) -> None:
        id_ = enqueue("noop").id
        past = timezone.now() - timedelta(seconds=1)
        pause(reason="x", ends_at=past)
        pause(scope=PauseScope.QUEUE, name="default", reason="x", ends_at=past)
        pause(scope=PauseScope.TASK_TYPE, name="noop", reason="x", ends_at=past)

        assert _ids(claim(worker, 10)) == [id_]

    def test_a_pause_that_ends_later_stops_until_then(self, worker: UUID) -> None:
        enqueue("noop")
        pause(reason="x", ends_at=timezone.now() + timedelta(minutes=1))

        assert claim(worker, 10) == []


@pytest.mark.django_db
class TestSecondsUntilDue:
    def test_none_waits(self) -> None:
        enqueue("noop")
        job_in(Status.SUCCEEDED)

        assert seconds_until_due() is None

    def test_the_soonest_of_any_priority_counts(self) -> None:
        enqueue("noop", delay=timedelta(seconds=500), priority=Priority.CRITICAL)
        enqueue("noop", delay=timedelta(seconds=200), priority=Priority.LOW)
        enqueue("noop", delay=timedelta(seconds=900))

        seconds = seconds_until_due()

        assert seconds is not None
        assert 100 < seconds <= 200

    def test_other_queues_do_not_count(self) -> None:
        enqueue("noop", delay=timedelta(seconds=200), queue="mail")

        assert seconds_until_due(["sync"]) is None
        assert seconds_until_due(["mail", "sync"]) is not None

    def test_a_job_that_waits_for_others_does_not_count(self) -> None:
        make_job(blockers=1, run_at=timezone.now() + timedelta(hours=1))

        assert seconds_until_due() is None


@pytest.mark.django_db(transaction=True)
class TestManyWorkers:
    def test_four_workers_never_get_the_same_job(self) -> None:
        enqueue_many([NewJob(task_type="noop", priority=level) for level in Priority for _ in range(125)])

        def work(_: int) -> list[str]:
            worker, mine = make_worker().pk, list[str]()
            while jobs := claim(worker, 7):
                mine += [job.id for job in jobs]
            return mine

        taken = Counter(id_ for mine in in_threads(4, work) for id_ in mine)

        assert len(taken) == 500
        assert set(taken.values()) == {1}
        assert set(Job.objects.values_list("status", "claim")) == {("running", 1)}

    def test_what_another_transaction_holds_is_passed_over_without_waiting(self) -> None:
        worker = make_worker().pk
        ids = [one.id for one in enqueue_many([NewJob(task_type="noop")] * 6)]

        with transaction.atomic():
            list(Job.objects.select_for_update().filter(pk__in=ids[:3]))
            (passed,) = set(map(tuple, in_threads(1, lambda _: tuple(_ids(claim(worker, 4))))))

        assert list(passed) == ids[3:]
        assert _ids(claim(worker, 10)) == ids[:3]

    def test_a_claim_that_is_rolled_back_took_nothing(self) -> None:
        id_, worker = enqueue("noop").id, make_worker().pk
        with transaction.atomic():
            claim(worker, 1)
            transaction.set_rollback(True)

        assert status_of(id_) == Status.PENDING
        assert _ids(claim(worker, 1)) == [id_]

    def test_the_planners_setting_does_not_outlive_the_claim(self) -> None:
        claim(make_worker().pk, 1)

        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_sort")
            assert cursor.fetchone() == ("on",)
