"""`run_due_jobs` and `run_job`: what a worker would have done, done here and now."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from jobqueue.api import NewJob, OnFailure, Priority, Schedule, cancel, chain, enqueue, enqueue_many, group, pause
from jobqueue.exceptions import PermanentError, RetryLater
from jobqueue.models import Attempt, Job, LogLine
from jobqueue.registry import Concurrency, JobContext, Payload, fixed, job_handler, registry
from jobqueue.states import Status
from jobqueue.testing import EndlessJobsError, fire_due_schedules, run_due_jobs, run_job

pytestmark = pytest.mark.django_db


class Word(Payload, frozen=True):
    word: str = ""


said: list[str] = []


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    known = set(registry.names())
    said.clear()
    job_handler("say", concurrency=Concurrency(limit=1))(say)
    yield
    for name in set(registry.names()) - known:
        registry.remove(name)


def say(job: JobContext, payload: Word) -> str:
    said.append(payload.word)
    return payload.word


def stored(id_: UUID) -> Job:
    return Job.objects.get(pk=id_)


def test_a_due_job_runs_and_is_recorded_as_by_a_worker() -> None:
    id_ = enqueue("add_one", {"number": 1}).id

    summary = run_due_jobs()

    job, attempt = stored(id_), Attempt.objects.get(job_id=id_)
    assert (summary.ran, summary.succeeded, summary.errors) == (1, 1, [])
    assert [job.pk for job in summary.jobs] == [id_]
    assert (job.status, job.result, job.attempts) == ("succeeded", {"number": 2}, 1)
    assert (attempt.outcome, attempt.number) == ("succeeded", 1)


def test_nothing_due_is_nothing_run() -> None:
    enqueue("noop", delay=timedelta(minutes=1))

    assert run_due_jobs().ran == 0


def test_jobs_run_by_priority_and_then_by_time() -> None:
    now = timezone.now()
    for word, priority, age in (("c", Priority.NORMAL, 1), ("b", Priority.NORMAL, 2), ("a", Priority.HIGH, 0)):
        enqueue("say", {"word": word}, priority=priority, run_at=now - timedelta(minutes=age))

    run_due_jobs()

    assert said == ["a", "b", "c"]


def test_a_limit_leaves_the_rest() -> None:
    enqueue_many(NewJob(task_type="noop") for _ in range(3))

    assert run_due_jobs(limit=2).ran == 2
    assert Job.objects.filter(status=Status.PENDING).count() == 1


def test_children_run_too_and_know_their_parent() -> None:
    parent = enqueue("spawn_child_job", {"number": 4}).id

    summary = run_due_jobs()

    child = Job.objects.get(parent_id=parent)
    assert (summary.ran, child.status, child.result) == (2, "succeeded", {"number": 5})


def test_a_chain_runs_to_its_end() -> None:
    chain([NewJob(task_type="say", payload={"word": word}) for word in "abc"])

    assert run_due_jobs().succeeded == 3
    assert said == ["a", "b", "c"]


def test_what_follows_a_group_runs_last() -> None:
    group(
        [NewJob(task_type="say", payload={"word": word}) for word in "ab"],
        then=NewJob(task_type="say", payload={"word": "then"}),
    )

    run_due_jobs()

    assert said[-1] == "then"
    assert len(said) == 3


def test_a_failure_cancels_what_depends_on_it() -> None:
    parent = enqueue("refuse").id
    child = enqueue("noop", depends_on=[parent], on_failure=OnFailure.CANCEL).id

    summary = run_due_jobs()

    assert (summary.ran, summary.failed) == (1, 1)
    assert (stored(child).status, stored(child).error_code) == ("cancelled", "DEPENDENCY_FAILED")


def test_jobs_of_one_concurrency_key_run_one_after_the_other() -> None:
    for word in "ab":
        enqueue("say", {"word": word})

    assert run_due_jobs().succeeded == 2
    assert said == ["a", "b"]


def test_an_error_is_retried_after_its_wait_and_no_sooner() -> None:
    id_ = enqueue("fail_slowly").id

    summary = run_due_jobs()

    job = stored(id_)
    assert (summary.ran, summary.retrying) == (1, 1)
    assert (job.status, job.attempts, job.error_code) == ("retrying", 1, "ValueError")
    assert timedelta(minutes=59) < job.run_at - timezone.now() <= timedelta(hours=1)


def test_until_runs_the_retries_too() -> None:
    id_ = enqueue("fail_until", {"number": 3}).id

    summary = run_due_jobs(until=timezone.now() + timedelta(minutes=1))

    assert (summary.ran, summary.retrying, summary.succeeded) == (3, 2, 1)
    assert stored(id_).result == "attempt 3"


def test_attempts_are_used_up() -> None:
    id_ = enqueue("fail_until", {"number": 9}).id

    assert run_due_jobs(until=timezone.now() + timedelta(minutes=1)).dead == 1
    assert stored(id_).status == "dead"


def test_what_asks_to_be_run_later_uses_no_attempt() -> None:
    id_ = enqueue("postpone").id

    summary = run_due_jobs()

    assert (summary.postponed, stored(id_).attempts, stored(id_).status) == (1, 0, "pending")
    assert isinstance(summary.errors[0], RetryLater)


def test_what_gives_up_is_cancelled() -> None:
    id_ = enqueue("give_up").id

    assert run_due_jobs().cancelled == 1
    assert stored(id_).status == "cancelled"


def test_a_job_that_leaves_no_trace_is_gone_but_in_the_summary() -> None:
    id_ = enqueue("leave_no_trace").id

    (job,) = run_due_jobs().jobs

    assert (job.pk, job.status) == (id_, "succeeded")
    assert not Job.objects.filter(pk=id_).exists()


def test_a_job_past_its_deadline_is_not_run() -> None:
    id_ = enqueue("say", {"word": "late"}, deadline=timezone.now() - timedelta(seconds=1)).id

    assert run_due_jobs().cancelled == 1
    assert (said, stored(id_).error_code) == ([], "EXPIRED")


def test_paused_jobs_do_not_run() -> None:
    pause(reason="for the test")
    enqueue("noop")

    assert run_due_jobs().ran == 0


def test_progress_checkpoint_and_lines_are_kept() -> None:
    @job_handler("work", backoff=fixed(0, jitter=0), max_attempts=2)
    def work(job: JobContext) -> str:
        job.progress(1, 2, "half")
        job.log.info("attempt %d", job.attempt)
        if job.checkpointed is None:
            job.checkpoint({"next": 1})
            raise ValueError("later")
        return f"from {job.checkpointed['next']}"

    id_ = enqueue("work").id

    assert run_due_jobs().ran == 2
    job = stored(id_)
    assert (job.progress_done, job.progress_message, job.result) == (1, "half", "from 1")
    assert list(LogLine.objects.filter(job_id=id_).order_by("claim").values_list("text", flat=True)) == [
        "attempt 1",
        "attempt 2",
    ]


def test_an_effect_is_applied_once() -> None:
    @job_handler("pay", backoff=fixed(0, jitter=0))
    def pay(job: JobContext) -> None:
        with job.effect("invoice:1") as is_first:
            if is_first:
                said.append("paid")
        if job.attempt == 1:
            raise ValueError("after the payment")

    enqueue("pay")

    assert run_due_jobs().ran == 2
    assert said == ["paid"]


def test_async_handlers_see_the_same_transaction() -> None:
    @job_handler("count_own")
    async def count(job: JobContext) -> int:
        job.progress(1, 1, "counting")
        await asyncio.sleep(0)
        return await Job.objects.filter(task_type="count_own").acount()

    id_ = enqueue("count_own").id

    run_due_jobs(raise_errors=True)
    assert (stored(id_).result, stored(id_).progress_message) == (1, "counting")


def test_a_handler_that_is_cancelled_meanwhile_hears_of_it() -> None:
    @job_handler("stop_me")
    def stop_me(job: JobContext) -> None:
        cancel([job.id], reason="enough")
        job.check_cancelled()
        said.append("still here")

    id_ = enqueue("stop_me").id

    assert run_due_jobs().cancelled == 1
    assert (said, stored(id_).status) == ([], "cancelled")


def test_an_error_is_raised_on_request_and_recorded_before() -> None:
    id_ = enqueue("refuse").id

    with pytest.raises(PermanentError, match="no such thing"):
        run_due_jobs(raise_errors=True)
    assert stored(id_).status == "failed"


def test_a_result_that_cannot_be_stored_is_raised_too() -> None:
    enqueue("bad_result", {"kind": "object"})

    with pytest.raises(Exception, match="cannot be stored as JSON"):
        run_due_jobs(raise_errors=True)


def test_progress_that_postgresql_refuses_spoils_nothing_else() -> None:
    job_handler("huge_number")(lambda job: job.progress(10**30, 10**31))
    bad, good = enqueue("huge_number").id, enqueue("noop").id

    run_due_jobs()

    assert (stored(bad).status, stored(good).status) == ("succeeded", "succeeded")


def test_a_result_that_postgresql_refuses_fails_its_job_and_not_the_test() -> None:
    id_ = enqueue("bad_result", {"kind": "deep for the database"}).id

    run_due_jobs()

    assert (stored(id_).status, stored(id_).error_code) == ("failed", "RESULT_INVALID")


def test_a_job_without_a_handler_fails_with_the_known_names() -> None:
    id_ = Job.objects.create(task_type="of_yesterday").pk

    summary = run_due_jobs()

    assert (summary.failed, stored(id_).error_code) == (1, "UNKNOWN_TASK_TYPE")


def test_what_stops_a_test_is_not_taken_for_an_error_of_the_job() -> None:
    job_handler("fail_the_test")(lambda job: pytest.fail("on purpose"))
    enqueue("fail_the_test")

    with pytest.raises(pytest.fail.Exception, match="on purpose"):
        run_due_jobs()


def test_a_handler_that_exits_fails_its_job() -> None:
    job_handler("exit", max_attempts=1)(lambda job: sys.exit(3))
    enqueue("exit")

    assert run_due_jobs().dead == 1


def test_a_loop_without_end_is_said() -> None:
    @job_handler("again")
    def again(job: JobContext) -> None:
        job.enqueue("again")

    enqueue("again")

    with pytest.raises(EndlessJobsError, match=r"1,000 jobs ran and more are due; .*again \(1,000 times\)"):
        run_due_jobs()


def test_a_handler_that_breaks_the_transaction_does_not_break_the_test() -> None:
    @job_handler("twice", max_attempts=1)
    def twice(job: JobContext) -> None:
        Job.objects.create(id=job.id, task_type="noop")

    id_ = enqueue("twice").id

    summary = run_due_jobs()

    assert isinstance(summary.errors[0], IntegrityError)
    assert stored(id_).status == "dead"


def test_what_a_handler_does_after_its_commit_is_done() -> None:
    @job_handler("commit")
    def commit(job: JobContext) -> None:
        with transaction.atomic(durable=True):
            transaction.on_commit(lambda: said.append("committed"))
            assert not said

    enqueue("commit")
    transaction.on_commit(lambda: said.append("of the test"))

    run_due_jobs(raise_errors=True)
    assert said == ["committed"]


@pytest.mark.django_db(transaction=True)
def test_it_works_without_a_transaction_around_it() -> None:
    assert not connection.in_atomic_block
    first, second = chain([NewJob(task_type="noop"), NewJob(task_type="refuse")])

    summary = run_due_jobs()

    assert (summary.succeeded, summary.failed) == (1, 1)
    assert (stored(first.id).status, stored(second.id).status) == ("succeeded", "failed")


def test_one_job_runs_before_its_time_and_alone() -> None:
    enqueue("say", {"word": "other"}, priority=Priority.CRITICAL)
    id_ = enqueue("say", {"word": "mine"}, delay=timedelta(days=1)).id

    assert run_job(id_).status == "succeeded"
    assert said == ["mine"]


def test_one_job_that_cannot_run_says_why() -> None:
    parent = enqueue("noop").id
    child = enqueue("noop", depends_on=[parent]).id

    with pytest.raises(AssertionError, match=r"cannot be run\. It waits for job"):
        run_job(child)
    run_job(parent)
    with pytest.raises(AssertionError, match=r"It is not waiting: it ended"):
        run_job(parent)


def test_one_job_raises_its_error_on_request() -> None:
    with pytest.raises(PermanentError):
        run_job(enqueue("refuse").id, raise_errors=True)


def test_a_due_schedule_is_fired_on_request() -> None:
    Schedule.objects.create(name="s", expression="0 3 * * *", task_type="noop", next_run_at=timezone.now())

    assert (run_due_jobs().ran, fire_due_schedules(), run_due_jobs().ran) == (0, 1, 1)
