"""Async handlers: they run like others, stop wherever they wait, and leave nothing behind."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from jobqueue.api import NewJob, cancel, enqueue, enqueue_many
from jobqueue.models import Job, LogLine
from jobqueue.states import AttemptOutcome, Status

from .outcomes import all_ended, attempts, begun, ended, outcomes, run
from .processes import WorkerProcess
from .waiting import eventually

_PLACES = ["sleep", "subtask", "gather", "group", "timeout", "check", "thread", "pool", "query", "cleaning", "deafness"]
_BUSY_PLACES = ["busy loop", "blocking call", "busy subtask"]
_KILLED = ["stubbornness"]


def _lines(job: Job) -> list[str]:
    return list(LogLine.objects.filter(job_id=job.pk).values_list("text", flat=True))


def test_an_async_handler_gives_its_result_and_tells_of_itself_like_any_other(worker: WorkerProcess) -> None:
    job = run("async_sum", {"summands": [1, 2, 3]})
    assert (job.status, job.result, job.checkpoint) == (Status.SUCCEEDED, {"sum": 6}, {"added": 3})
    assert (job.progress_done, job.progress_message) == (3, "added")
    assert _lines(job) == ["adding 3 numbers"]


def test_an_error_in_a_subtask_is_kept_with_its_traceback(worker: WorkerProcess) -> None:
    job = run("async_fail")
    assert (job.status, job.error_code) == (Status.DEAD, "ExceptionGroup")
    assert "ValueError: not in this task" in attempts(job)[0].traceback


@pytest.mark.parametrize("where", [*_PLACES, *_BUSY_PLACES, *_KILLED])
def test_a_cancelled_one_stops_wherever_it_is(worker: WorkerProcess, where: str) -> None:
    id_ = enqueue("async_hang", {"where": where}).id
    begun(id_)
    cancel([id_], reason="It was a mistake.")
    job = ended(id_)
    assert (job.status, job.error_code, job.error_message) == (Status.CANCELLED, "CANCELLED", "It was a mistake.")
    assert outcomes(job) == [AttemptOutcome.CANCELLED]


@pytest.mark.parametrize("where", [*_PLACES, *_BUSY_PLACES, *_KILLED])
def test_one_that_runs_too_long_times_out_wherever_it_is(worker: WorkerProcess, where: str) -> None:
    job = run("async_hang", {"where": where}, timeout=timedelta(seconds=0.2), max_attempts=1)
    assert (job.status, job.error_code, job.result) == (Status.DEAD, "TIMEOUT", None)
    assert outcomes(job) == [AttemptOutcome.TIMED_OUT]


@pytest.mark.parametrize(
    ("where", "function"),
    [("sleep", "_in_sleep"), ("check", "_in_check"), ("busy loop", "_in_busy_loop"), ("thread", "_in_thread")],
)
def test_where_it_was_when_it_was_stopped_is_in_the_traceback(worker: WorkerProcess, where: str, function: str) -> None:
    job = run("async_hang", {"where": where}, timeout=timedelta(seconds=0.2), max_attempts=1)
    (attempt,) = attempts(job)
    assert f"in {function}\n" in attempt.traceback
    assert "It ran longer than its timeout of 0.2 s." in attempt.traceback


@pytest.mark.parametrize("where", ["query", "pool query"])
def test_a_query_that_it_waits_for_ends_with_it(worker: WorkerProcess, where: str) -> None:
    job = run("async_hang", {"where": where}, timeout=timedelta(seconds=0.3), max_attempts=1)
    assert outcomes(job) == [AttemptOutcome.TIMED_OUT]
    assert "_in_" in attempts(job)[0].traceback
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep%'"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("where", "line"),
    [("cleaning", "cleaned up"), ("thread", "the thread has ended"), ("pool", "the thread has ended")],
)
def test_one_that_is_stopped_may_clean_up(worker: WorkerProcess, where: str, line: str) -> None:
    job = run("async_hang", {"where": where}, timeout=timedelta(seconds=0.2), max_attempts=1)
    assert _lines(job) == [line]


def test_it_may_ask_the_database_and_many_such_jobs_use_few_sessions(worker: WorkerProcess) -> None:
    before = _sessions()
    jobs = all_ended(made.id for made in enqueue_many([NewJob(task_type="async_query")] * 60))
    assert {job.status for job in jobs} == {Status.SUCCEEDED}
    in_order = [(job.result or [])[:2] for job in jobs]
    assert all(first == second for first, second in in_order), "The ORM's calls share one session."
    kept = {first for first, _ in in_order}
    assert len(kept) <= 2, "It is kept from job to job, one for each child."
    eventually(lambda: not (_sessions() - before - kept), "the others are closed")


def _sessions() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {pid for (pid,) in cursor.fetchall()}


def test_a_transaction_left_open_does_not_leak_into_the_next_job(worker: WorkerProcess) -> None:
    all_ended(made.id for made in enqueue_many([NewJob(task_type="async_break_transaction")] * 4))
    jobs = all_ended(
        made.id for made in enqueue_many([NewJob(task_type="async_enqueue", payload={"where": "thread"})] * 10)
    )
    assert {job.status for job in jobs} == {Status.SUCCEEDED}
    assert {ended(UUID(job.result)).status for job in jobs} == {Status.SUCCEEDED}


def test_what_only_synchronous_code_may_do_says_so(worker: WorkerProcess) -> None:
    job = run("async_enqueue", {"where": "loop"})
    assert (job.status, job.error_code) == (Status.DEAD, "SynchronousOnlyOperation")
    assert "sync_to_async" in job.error_message


def test_nothing_that_it_began_goes_on_after_it(worker: WorkerProcess) -> None:
    jobs = all_ended(made.id for made in enqueue_many([NewJob(task_type="async_leave_behind")] * 6))
    assert [(job.status, job.result) for job in jobs] == [(Status.SUCCEEDED, [])] * 6
    assert [_lines(job) for job in jobs] == [["the task has ended"]] * 6


def test_a_function_that_forgets_to_await_fails_saying_so(worker: WorkerProcess) -> None:
    job = run("forget_to_await")
    assert (job.status, job.error_code) == (Status.FAILED, "RESULT_INVALID")
    assert "declare it with `async def`" in job.error_message
    assert "never awaited" not in worker.log.read_text()
