"""Why a job waits: each reason with its sentence and its object, in the order in which they bite."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from jobqueue import transitions
from jobqueue.api import enqueue, retry
from jobqueue.claim import claim
from jobqueue.models import Job
from jobqueue.models.pause import PauseScope
from jobqueue.parking import park_paused
from jobqueue.pauses import pause, resume
from jobqueue.states import OnFailure, Parked, Priority, Status
from jobqueue.waiting import MOST_AHEAD, Kind, Waiting, said_at, why_waiting
from tests.jobqueue.factories import make_job, make_jobs, make_worker

pytestmark = pytest.mark.django_db


def why(id_: UUID) -> Waiting:
    """The answer for the job as it is now."""
    return why_waiting(Job.objects.get(pk=id_))


def due(**fields: Any) -> UUID:
    """A job that has been due for a minute."""
    return make_job(**{"run_at": timezone.now() - timedelta(minutes=1), **fields}).pk


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.RUNNING, "it runs."),
        (Status.SUCCEEDED, "it ended"),
        (Status.CANCELLED, "cancelled."),
    ],
)
def test_a_job_that_does_not_wait_says_so(status: Status, words: str) -> None:
    waiting = why_waiting(make_job(status))

    assert waiting.kind == Kind.NOT_WAITING
    assert waiting.sentence.startswith("It is not waiting: ")
    assert words in waiting.sentence


def test_disabled_workers_come_first(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "DISABLED": True}
    pause(reason="maintenance")

    waiting = why(due())

    assert waiting.kind == Kind.DISABLED
    assert "JOB_QUEUE_DISABLED" in waiting.sentence


@pytest.mark.parametrize(
    ("scope", "name", "kind", "lead"),
    [
        (PauseScope.EVERYTHING, "", Kind.PAUSED_EVERYTHING, "Everything is paused since "),
        (PauseScope.QUEUE, "emails", Kind.PAUSED_QUEUE, "Queue emails is paused since "),
        (PauseScope.TASK_TYPE, "noop", Kind.PAUSED_TYPE, "Task type noop is paused since "),
    ],
)
def test_a_pause_says_since_when_by_whom_and_why(scope: PauseScope, name: str, kind: Kind, lead: str) -> None:
    alice = get_user_model().objects.create_user("alice")
    row = pause(reason="provider down.", scope=scope, name=name, by=alice.pk)
    id_ = due(queue="emails")

    waiting = why(id_)

    assert (waiting.kind, waiting.pause) == (kind, row)
    assert waiting.sentence == f"{lead}{said_at(row.since)} by alice: provider down; until somebody resumes it."


def test_a_pause_with_an_end_says_when() -> None:
    ends_at = timezone.now() + timedelta(hours=30)
    pause(reason="provider down", scope=PauseScope.QUEUE, name="default", ends_at=ends_at)

    assert why(due()).sentence.endswith(f"provider down; until {said_at(ends_at)}.")


def test_the_widest_pause_is_named() -> None:
    pause(reason="a", scope=PauseScope.TASK_TYPE, name="noop")
    pause(reason="b", scope=PauseScope.QUEUE, name="default")
    id_ = due()
    assert why(id_).kind == Kind.PAUSED_QUEUE
    pause(reason="c")
    assert why(id_).kind == Kind.PAUSED_EVERYTHING


def test_pauses_that_do_not_matter_are_not_named() -> None:
    make_worker()
    now = timezone.now()
    pause(reason="another queue", scope=PauseScope.QUEUE, name="emails")
    pause(reason="over", scope=PauseScope.QUEUE, name="default", ends_at=now - timedelta(seconds=1))
    pause(reason="over before it is due", ends_at=now + timedelta(hours=1))

    assert why(make_job(run_at=now + timedelta(hours=2)).pk).kind == Kind.RUN_AT


def test_a_parked_job_whose_pause_is_over_is_next() -> None:
    make_worker()
    pause(reason="a", scope=PauseScope.QUEUE, name="default")
    id_ = due()
    assert park_paused() == 1
    assert why(id_).kind == Kind.PAUSED_QUEUE
    resume(scope=PauseScope.QUEUE, name="default")

    assert why(id_).kind == Kind.DUE


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.FAILED, "which failed: retry that one, or cancel this one."),
        (Status.DEAD, "which used up its attempts: retry that one, or cancel this one."),
        (Status.CANCELLED, "which was cancelled: retry that one, or cancel this one."),
        (Status.PENDING, "which waits itself."),
        (Status.RUNNING, "which runs now."),
        (Status.RETRYING, "which is to be retried."),
    ],
)
def test_a_dependency_is_named_with_its_state_and_what_to_do(status: Status, words: str) -> None:
    parent = make_job(status, task_type="nap")
    child = enqueue("noop", depends_on=[parent.pk]).id

    waiting = why(child)

    assert waiting.kind == Kind.DEPENDENCY
    assert [job.pk for job in waiting.jobs] == [parent.pk]
    assert waiting.sentence == f"It waits for job {parent.short_id} (nap), {words}"


def test_of_many_dependencies_those_that_need_somebody_come_first() -> None:
    make_worker()
    waits = make_jobs(5, Status.PENDING, run_at=timezone.now() + timedelta(days=1))
    failed = make_job(Status.FAILED)
    done = make_job(Status.SUCCEEDED)
    child = enqueue("noop", depends_on=[*(job.pk for job in waits), failed.pk, done.pk]).id

    waiting = why(child)

    assert waiting.jobs[0].pk == failed.pk
    assert (len(waiting.jobs), waiting.others) == (3, 3)
    assert f"job {failed.short_id} (noop), which failed, and for 5 more: retry that one" in waiting.sentence
    retry([failed.pk])
    assert why(child).kind == Kind.DEPENDENCY


def test_a_job_whose_dependencies_are_met_waits_for_them_no_more() -> None:
    make_worker()
    parent = make_job(Status.DEAD)

    assert why(enqueue("noop", depends_on=[parent.pk], on_failure=OnFailure.RUN).id).kind == Kind.DUE


def test_the_future_is_told_as_a_time_and_a_wait() -> None:
    run_at = timezone.now() + timedelta(hours=2, minutes=5)

    waiting = why(make_job(run_at=run_at).pk)

    assert (waiting.kind, waiting.run_at) == (Kind.RUN_AT, run_at)
    assert waiting.sentence == f"It is due at {said_at(run_at)} (in 2 h)."


def test_a_retry_tells_after_what() -> None:
    soon = make_job(Status.RETRYING, run_at=timezone.now() + timedelta(seconds=8.9))
    later = make_job(Status.RETRYING, run_at=timezone.now() + timedelta(minutes=8.5))

    assert why(soon.pk).sentence == "A retry after TIMEOUT is due in 8 s."
    assert why(later.pk).sentence == f"A retry after TIMEOUT is due at {said_at(later.run_at)} (in 8 min)."


def test_a_postponed_job_tells_that_its_handler_wished_it() -> None:
    job = make_job(run_at=timezone.now() + timedelta(hours=1.5), postponed=1)

    assert why(job.pk).sentence.startswith("Its handler asked to be run again later: it is due at ")


def test_a_day_is_told_unless_it_is_today() -> None:
    tomorrow = timezone.now() + timedelta(days=1)

    assert said_at(tomorrow) == f"{timezone.localtime(tomorrow):%Y-%m-%d %H:%M}"
    assert said_at(timezone.now()) == f"{timezone.localtime():%H:%M}"


def test_a_full_concurrency_key_names_who_has_its_places() -> None:
    worker = make_worker()
    ids = [enqueue("noop", concurrency_key="coach:5", concurrency_limit=3).id for _ in range(4)]
    assert len(claim(worker.pk, 10)) == 3
    last = Job.objects.get(parked=Parked.LIMITED)

    waiting = why_waiting(last)

    holders = [job.short_id for job in Job.objects.running().order_by("pk")]
    assert waiting.kind == Kind.CONCURRENCY
    assert waiting.concurrency_key == "coach:5"
    assert {job.pk for job in waiting.jobs} == set(ids) - {last.pk}
    assert waiting.sentence.startswith("All 3 places of concurrency key coach:5 are taken, by jobs ")
    assert all(short_id in waiting.sentence for short_id in holders)


def test_the_only_place_of_a_key_is_one_jobs() -> None:
    holder = make_job(Status.RUNNING, concurrency_key="coach:5", concurrency_limit=1)
    id_ = due(concurrency_key="coach:5", concurrency_limit=1)

    assert why(id_).sentence == (
        f"The only place of concurrency key coach:5 is taken, by job {holder.short_id}: it runs when that one ends."
    )


def test_a_place_that_was_just_freed_is_promised() -> None:
    make_worker()
    id_ = due(concurrency_key="coach:5", concurrency_limit=1, parked=Parked.LIMITED, blockers=1)

    waiting = why(id_)

    assert waiting.kind == Kind.CONCURRENCY
    assert "free place" in waiting.sentence


@pytest.mark.parametrize(
    "gone",
    [
        {"stopped_at": timezone.now()},
        {"lost_at": timezone.now()},
        {"beat_at": timezone.now() - timedelta(minutes=5)},
    ],
)
def test_without_a_worker_that_lives_it_says_how_to_start_one(gone: dict[str, Any]) -> None:
    make_worker(**gone)

    waiting = why(due())

    assert waiting.kind == Kind.NO_WORKER
    assert waiting.sentence == "No worker is running: start one with manage.py run_worker."


def test_a_queue_that_no_worker_takes_is_told_with_those_that_are_taken() -> None:
    make_worker(queues=["default", "emails"])
    make_worker(queues=["emails"])

    waiting = why(due(queue="reports"))

    assert waiting.kind == Kind.NO_WORKER_ON_QUEUE
    assert waiting.sentence == "No running worker takes queue reports: 2 workers take default, emails."


def test_those_ahead_are_counted_in_the_order_of_the_claim() -> None:
    make_worker()
    now = timezone.now()
    id_ = due()
    make_job(run_at=now - timedelta(hours=1))  # ahead: due longer
    make_job(Status.RETRYING, run_at=now - timedelta(hours=1))  # ahead
    make_job(priority=Priority.HIGH, run_at=now - timedelta(seconds=1))  # ahead: higher
    make_job(priority=Priority.HIGH, run_at=now + timedelta(hours=1))  # not due
    make_job(priority=Priority.LOW, run_at=now - timedelta(hours=1))
    make_job(run_at=now - timedelta(seconds=1))
    make_job(run_at=now - timedelta(hours=1), blockers=1)
    make_job(Status.SUCCEEDED, run_at=now - timedelta(hours=1))

    waiting = why(id_)

    assert (waiting.kind, waiting.ahead) == (Kind.BEHIND_OTHERS, 3)
    assert waiting.sentence.startswith("It is due, and about 3 jobs come before it: ")


def test_a_worker_of_some_queues_lets_only_those_come_before() -> None:
    make_worker(queues=["emails", "reports"])
    now = timezone.now()
    id_ = due(queue="emails")
    make_job(queue="reports", run_at=now - timedelta(hours=1))
    make_jobs(3, queue="default", run_at=now - timedelta(hours=1))
    assert why(id_).ahead == 1
    make_worker()
    assert why(id_).ahead == 4


def test_no_more_than_a_thousand_ahead_are_counted() -> None:
    make_worker()
    past = timezone.now() - timedelta(hours=1)
    Job.objects.bulk_create(Job(task_type="noop", run_at=past) for _ in range(MOST_AHEAD + 5))

    waiting = why(due())

    assert waiting.ahead == MOST_AHEAD
    assert "more than 1,000 jobs come before it" in waiting.sentence


def test_the_first_in_line_is_next() -> None:
    make_worker()

    waiting = why(due())

    assert waiting.kind == Kind.DUE
    assert waiting.sentence.startswith("It is next: ")


def _blocked() -> UUID:
    parent = make_job(Status.FAILED)
    return enqueue("noop", depends_on=[parent.pk]).id


def _in_line() -> UUID:
    make_worker()
    make_jobs(300, run_at=timezone.now() - timedelta(hours=1))
    return due(concurrency_key="coach:5", concurrency_limit=1)


@pytest.mark.parametrize(("make", "most"), [(_blocked, 2), (_in_line, 6)])
def test_a_handful_of_queries_is_enough(
    make: Callable[[], UUID], most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    job = Job.objects.get(pk=make())

    with django_assert_max_num_queries(most + 2):  # a savepoint is two statements
        why_waiting(job)


@pytest.mark.parametrize("make", [_blocked, _in_line])
def test_each_query_reads_jobs_by_an_index(make: Callable[[], UUID]) -> None:
    _long_history()
    job = Job.objects.get(pk=make())

    with CaptureQueriesContext(connection) as queries:
        why_waiting(job)

    assert _whole_reads([query["sql"] for query in queries]) == []


def test_related_jobs_are_found_by_an_index_too() -> None:
    _long_history()
    parent, other = make_jobs(2, Status.SUCCEEDED)
    middle = enqueue("noop", depends_on=[parent.pk, other.pk]).id
    last = enqueue("noop", depends_on=[middle]).id
    child = enqueue("noop", parent=middle).id
    make_jobs(3)

    with CaptureQueriesContext(connection) as queries:
        assert set(Job.objects.parents_of(middle)) == {parent, other}
        assert [job.pk for job in Job.objects.dependents_of(middle)] == [last]
        assert [job.pk for job in Job.objects.children_of(middle)] == [child]
        assert {job.pk for job in Job.objects.in_chain_of(parent.pk)} == {parent.pk, other.pk, middle, last}
        assert [job.pk for job in Job.objects.in_chain_of(child)] == [child]

    assert _whole_reads([query["sql"] for query in queries]) == []


def test_jobs_are_found_by_their_marks() -> None:
    alice = get_user_model().objects.create_user("alice")
    tagged = make_job(tags=["autumn", "trial"])
    hers = make_job(created_by=alice, tags=["spring"])

    assert list(Job.objects.tagged("trial")) == [tagged]
    assert list(Job.objects.created_by(alice.pk)) == [hers]
    assert not Job.objects.of_schedule(1).exists()


def _long_history() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO jobqueue_job (id, task_type, status, run_at, finished_at)
               SELECT md5(n::text)::uuid, 'noop', 'succeeded', now(), now() FROM generate_series(1, 20000) AS n"""
        )
        cursor.execute("ANALYZE jobqueue_job")


def _whole_reads(statements: list[str]) -> list[str]:
    found = []
    for sql in statements:
        if not sql.lstrip("( \n").upper().startswith(("SELECT", "WITH")):
            continue
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql.replace("%", "%%"), ())
            plan = "\n".join(row[0] for row in cursor.fetchall())
        if "Seq Scan on jobqueue_job" in plan:
            found.append(f"{sql}\n{plan}")
    return found


def test_a_cancelled_parent_that_is_retried_frees_its_dependents() -> None:
    make_worker()
    parent = make_job(Status.CANCELLED)
    child = enqueue("noop", depends_on=[parent.pk]).id
    assert "which was cancelled" in why(child).sentence
    transitions.retry([parent.pk])
    assert "which waits itself" in why(child).sentence
