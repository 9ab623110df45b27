"""Enqueuing, claiming and finishing: the same cases through Python and through SQL leave the same rows."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from jobqueue import pauses, transitions
from jobqueue.api import enqueue
from jobqueue.models import Attempt, AuditEntry, Failure, Job
from jobqueue.models.pause import PauseScope
from jobqueue.states import OnFailure, Parked, Priority, Status
from tests.jobqueue.lifecycle import put, status_of

from .doors import Door, Held

pytestmark = pytest.mark.django_db


def held(door: Door) -> Held:
    """The one job that is due."""
    (one,) = door.claim()
    return one


class TestEnqueuing:
    def test_a_job_has_the_defaults_of_its_task_type(self, door: Door) -> None:
        id_ = door.enqueue("nap")

        job = Job.objects.get()
        assert (job.pk, job.task_type, job.status, job.queue) == (id_, "nap", Status.PENDING, "default")
        assert (job.priority, job.max_attempts, job.attempts) == (Priority.NORMAL, 3, 0)
        assert (job.timeout, job.blockers, job.tags, job.unique_key) == (None, 0, [], None)
        assert abs(job.run_at - timezone.now()) < timedelta(minutes=1)

    def test_what_is_given_is_taken(self, door: Door) -> None:
        due = timezone.now() + timedelta(days=2)

        door.enqueue("nap", {"seconds": 1.5}, due, 7)

        job = Job.objects.get()
        assert (job.payload, job.run_at, job.max_attempts) == ({"seconds": 1.5}, due, 7)

    def test_it_is_recorded_who_enqueued_by_which_door(self, door: Door) -> None:
        id_ = door.enqueue("noop")

        entry = AuditEntry.objects.get()
        assert (entry.action, entry.channel, entry.object_type) == ("JOB_CREATE", door.channel, "job")
        assert (entry.object_id, entry.object_label) == (str(id_), str(Job.objects.get()))
        assert (entry.before, entry.is_refused) == (None, False)
        assert entry.after is not None
        assert entry.after["status"] == "pending"

    @pytest.mark.parametrize("number", [0, -1, 32_768])
    def test_an_impossible_budget_is_refused_and_nothing_is_stored(self, door: Door, number: int) -> None:
        with pytest.raises(Exception, match=f"max_attempts is {number}: expected 1 to 32767"):
            door.enqueue("noop", max_attempts=number)
        assert not Job.objects.exists()

    def test_an_unknown_task_type_is_refused_and_the_known_ones_are_named(self, door: Door) -> None:
        with pytest.raises(Exception, match=r"(?s)Unknown task type 'nope'.*Known task types: .*noop"):
            door.enqueue("nope")
        assert not Job.objects.exists()

    @pytest.mark.parametrize("payload", [[], "text", 5])
    def test_a_payload_that_is_no_object_is_refused(self, door: Door, payload: object) -> None:
        with pytest.raises(Exception, match=r"(?i)expected (an object|Number or a mapping)"):
            door.enqueue("add_one", payload)
        assert not Job.objects.exists()


class TestClaiming:
    def test_the_highest_priority_comes_first_then_what_was_due_first(self, door: Door) -> None:
        now = timezone.now()
        late, early = put(run_at=now - timedelta(minutes=1)), put(run_at=now - timedelta(minutes=2))
        high, _ = put(priority=Priority.HIGH), put(delay=timedelta(hours=1))

        assert [one.id for one in door.claim(10)] == [high, early, late]

    def test_at_most_the_limit_is_taken(self, door: Door) -> None:
        ids = [put() for _ in range(3)]

        assert [one.id for one in door.claim(2)] == ids[:2]
        assert [status_of(id_) for id_ in ids] == ["running", "running", "pending"]

    def test_a_claimed_job_runs_in_its_first_attempt(self, door: Door) -> None:
        id_ = put(task_type="nap", payload={"seconds": 1.0})

        assert held(door) == Held(id_, 1, "nap", {"seconds": 1.0}, 1, 3)
        job = Job.objects.get()
        assert (job.status, job.attempts, job.attempt_number) == (Status.RUNNING, 1, 1)
        assert job.worker is not None
        assert job.started_at is not None

    def test_only_the_asked_queues_are_taken_from(self, door: Door) -> None:
        put(queue="mail")
        wanted = put(queue="reports")

        assert [one.id for one in door.claim(10, ["reports", "empty"])] == [wanted]

    @pytest.mark.parametrize(
        ("scope", "name"),
        [(PauseScope.EVERYTHING, ""), (PauseScope.QUEUE, "mail"), (PauseScope.TASK_TYPE, "noop")],
    )
    def test_what_is_paused_is_not_taken(self, door: Door, scope: PauseScope, name: str) -> None:
        put(queue="mail")
        pauses.pause(reason="maintenance", scope=scope, name=name)

        assert door.claim() == []

    def test_what_waits_for_another_job_is_not_taken(self, door: Door) -> None:
        first = put()
        put(depends_on=[first])

        assert [one.id for one in door.claim(10)] == [first]

    def test_beyond_its_concurrency_limit_a_job_is_parked_unused_and_others_are_found(self, door: Door) -> None:
        ids = [put(concurrency_key="k", concurrency_limit=2) for _ in range(4)]
        other = put()

        assert {one.id for one in door.claim(4)} == set(ids[:2])
        assert [one.id for one in door.claim(4)] == [other]
        for job in Job.objects.filter(pk__in=ids[2:]):
            assert (job.status, job.parked, job.blockers) == (Status.PENDING, Parked.LIMITED, 1)
            assert (job.attempts, job.started_at, job.worker_id) == (0, None, None)


class TestFinishing:
    def test_a_success_keeps_its_output_and_its_attempt(self, door: Door) -> None:
        put()

        assert door.succeed(held(door), {"number": 42})

        job, attempt = Job.objects.get(), Attempt.objects.get()
        assert (job.status, job.result, job.attempts, job.worker_id) == (Status.SUCCEEDED, {"number": 42}, 1, None)
        assert (attempt.outcome, attempt.number, attempt.claim, attempt.error_code) == ("succeeded", 1, 1, "")
        assert attempt.worker_id is not None

    def test_without_an_output_there_is_none(self, door: Door) -> None:
        put()
        door.succeed(held(door))

        assert Job.objects.get().result is None

    def test_a_failure_that_may_pass_is_retried_after_the_wait(self, door: Door) -> None:
        put(task_type="nap")

        assert door.fail(held(door), "too slow", timedelta(hours=1)) == "retrying"

        job, attempt = Job.objects.get(), Attempt.objects.get()
        assert (job.status, job.attempts, job.finished_at) == (Status.RETRYING, 1, None)
        assert (job.error_code, job.error_message) == ("SQL_ERROR", "too slow")
        assert (attempt.outcome, attempt.error_code, attempt.error_message) == ("error", "SQL_ERROR", "too slow")
        wait = job.run_at - timezone.now()
        assert timedelta(minutes=58) < wait <= timedelta(hours=1)

    def test_the_last_attempt_is_dead(self, door: Door) -> None:
        put(max_attempts=1)

        assert door.fail(held(door), "too slow", timedelta(hours=1)) == "dead"
        assert Job.objects.get().finished_at is not None

    def test_a_failure_that_no_retry_mends_is_failed(self, door: Door) -> None:
        put()

        assert door.fail(held(door), "no such account") == "failed"
        assert Job.objects.get().finished_at is not None

    def test_alike_failures_are_counted_together(self, door: Door) -> None:
        for number in (1, 2):
            put()
            door.fail(held(door), f"no account {number}")

        (fingerprint,) = set(Job.objects.values_list("fingerprint", flat=True))
        failure = Failure.objects.get(fingerprint=fingerprint)
        assert (failure.task_type, failure.error_code, failure.count) == ("noop", "SQL_ERROR", 2)
        assert failure.error_message == "no account 2"

    def test_a_cancel_request_wins_over_a_failure_but_not_over_a_success(self, door: Door) -> None:
        for _ in range(2):
            put()
        first, second = door.claim(2)
        transitions.cancel([first.id, second.id], reason="a mistake")

        assert door.fail(first, "too slow", timedelta(hours=1)) == "cancelled"
        assert door.succeed(second)
        assert (status_of(first.id), status_of(second.id)) == ("cancelled", "succeeded")

    def test_an_outcome_is_recorded_once(self, door: Door) -> None:
        put()
        one = held(door)
        door.succeed(one, 1)

        assert not door.succeed(one, 2)
        assert door.fail(one, "after all") == "skipped: succeeded"
        assert (Job.objects.get().result, Attempt.objects.count()) == (1, 1)

    def test_a_worker_that_lost_its_job_changes_nothing(self, door: Door) -> None:
        put()
        before = held(door)
        door.fail(before, "too slow", timedelta(0))
        after = held(door)

        assert (after.id, after.claim, after.attempt) == (before.id, 2, 2)
        assert not door.succeed(before)
        assert door.fail(before, "late") == "skipped: running under another claim"
        assert status_of(before.id) == Status.RUNNING
        assert door.succeed(after)

    def test_a_deleted_job_is_unknown(self, door: Door) -> None:
        put()
        one = held(door)
        Job.objects.all().delete()

        assert door.fail(one, "late") == "skipped: unknown job"
        assert not door.succeed(one)

    @pytest.mark.parametrize(
        ("policy", "expected"),
        [(OnFailure.HOLD, "pending"), (OnFailure.CANCEL, "cancelled"), (OnFailure.RUN, "pending")],
    )
    def test_what_depends_on_it_is_settled(self, door: Door, policy: OnFailure, expected: str) -> None:
        parent = put()
        child = put(depends_on=[parent], on_failure=policy)

        door.fail(held(door), "no")

        job = Job.objects.get(pk=child)
        assert (job.status, job.blockers) == (expected, 0 if policy == OnFailure.RUN else 1)

    def test_its_place_goes_to_the_next_of_its_key(self, door: Door) -> None:
        first, second = (put(concurrency_key="k") for _ in range(2))
        (one,) = door.claim(2)
        assert one.id == first

        door.succeed(one)

        assert held(door).id == second

    def test_nothing_is_written_about_a_worker_in_the_log_of_what_people_did(self, door: Door) -> None:
        put()
        door.succeed(held(door))

        assert not AuditEntry.objects.exists()


def test_ids_made_by_both_doors_sort_by_the_time_they_were_made(door: Door) -> None:
    made: list[UUID] = []
    for _ in range(5):
        made += [enqueue("noop").id, door.enqueue("noop")]

    assert made == sorted(made)
    assert {(id_.version, id_.variant) for id_ in made} == {(7, "specified in RFC 4122")}
