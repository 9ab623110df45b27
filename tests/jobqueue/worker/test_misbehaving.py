"""No job can hurt another: whatever a handler does costs one attempt of its own, and the worker goes on."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import Job, LogLine
from jobqueue.states import AttemptOutcome, Status

from .outcomes import all_ended, ended, outcomes, run
from .processes import WorkerProcess
from .waiting import eventually


@pytest.fixture(autouse=True)
def _worker_goes_on(worker: WorkerProcess) -> Iterator[None]:
    """After each of these jobs, others still run in the same worker, in all its children."""
    before = worker.id
    yield
    after = all_ended(made.id for made in enqueue_many([NewJob(task_type="noop")] * 20))
    assert {job.status for job in after} == {Status.SUCCEEDED}
    assert worker.id == before
    eventually(lambda: len(worker.children()) == 2, "there are as many children as before")


@pytest.mark.parametrize(
    ("task_type", "outcome", "code", "message"),
    [
        ("exit_hard", AttemptOutcome.KILLED, "KILLED", "ended by the handler with exit status 3"),
        ("exit_as_if_well", AttemptOutcome.KILLED, "KILLED", "ended by the handler with exit status 0"),
        ("segfault", AttemptOutcome.KILLED, "KILLED", "killed by signal 11 (SIGSEGV)"),
        ("sys_exit", AttemptOutcome.ERROR, "SystemExit", "bye"),
        ("recurse", AttemptOutcome.ERROR, "RecursionError", "maximum recursion depth exceeded"),
        ("close_everything", AttemptOutcome.KILLED, "KILLED", "exit status"),
    ],
)
def test_a_job_that_ends_its_process_costs_one_attempt(
    worker: WorkerProcess, task_type: str, outcome: AttemptOutcome, code: str, message: str
) -> None:
    job = run(task_type)
    assert (job.status, job.error_code, outcomes(job)) == (Status.DEAD, code, [outcome])
    assert message in job.error_message


@pytest.mark.parametrize(
    ("kind", "code", "message"),
    [
        ("mute", "MuteError", "MuteError (its message raised RuntimeError)"),
        ("codeless", "CodelessError", "the code is missing"),
        ("delay", "TypeError", "expected a timedelta"),
        ("unstorable", "ValueError", "a␀b ?"),
        ("endless", "ValueError", "characters dropped"),
    ],
)
def test_an_error_that_is_itself_broken_is_recorded_as_well_as_it_can_be(
    worker: WorkerProcess, kind: str, code: str, message: str
) -> None:
    job = run("bad_error", {"kind": kind})
    assert (job.status, job.error_code) == (Status.DEAD, code)
    assert message in job.error_message
    assert len(job.error_message) < 3_000


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("object", "cannot be stored as JSON"),
        ("nul", "U+0000"),
        ("surrogate", "surrogates not allowed"),
        ("huge", "5,000,002 bytes; at most 1,048,576 are kept"),
        ("bottomless", "recursion"),
        ("deep for the database", "PostgreSQL cannot store"),
        ("number", "PostgreSQL cannot store"),
        ("no JSON", "PostgreSQL cannot store"),
    ],
)
def test_a_result_that_cannot_be_stored_fails_its_job_saying_why(
    worker: WorkerProcess, kind: str, message: str
) -> None:
    job = run("bad_result", {"kind": kind})
    assert (job.status, job.error_code, job.result) == (Status.FAILED, "RESULT_INVALID", None)
    assert message in job.error_message
    assert outcomes(job) == [AttemptOutcome.ERROR]


def test_an_outcome_that_the_database_refuses_does_not_take_others_with_it(worker: WorkerProcess) -> None:
    jobs = [NewJob(task_type="add_one", payload={"number": number}) for number in range(60)]
    jobs[30] = NewJob(task_type="bad_result", payload={"kind": "no JSON"})
    done = all_ended(made.id for made in enqueue_many(jobs))
    assert done.pop(30).status == Status.FAILED
    assert [job.result for job in done] == [{"number": n + 1} for n in range(60) if n != 30]


@pytest.mark.parametrize("kind", ["progress", "deep checkpoint", "broken checkpoint"])
def test_what_a_job_says_of_itself_is_dropped_if_the_database_refuses_it(worker: WorkerProcess, kind: str) -> None:
    job = run("bad_note", {"kind": kind})
    assert (job.status, job.result) == (Status.SUCCEEDED, "done")
    assert [line.text for line in LogLine.objects.filter(job_id=job.pk)] == ["and on it goes"]


@pytest.mark.parametrize("task_type", ["leave_transaction_open", "leave_transaction_broken"])
def test_a_transaction_left_open_does_not_leak_into_the_next_job(worker: WorkerProcess, task_type: str) -> None:
    assert run(task_type).status == Status.SUCCEEDED
    parents = _all_run("spawn_child_job", 10)
    assert {job.status for job in parents} == {Status.SUCCEEDED}
    assert {ended(UUID(job.result)).status for job in parents} == {Status.SUCCEEDED}


@pytest.mark.parametrize("kind", ["hangs", "dies", "returns"])
def test_a_process_that_a_job_started_does_not_outlive_the_jobs_process(worker: WorkerProcess, kind: str) -> None:
    id_ = enqueue("fork_grandchild", {"kind": kind}).id
    job = ended(id_)
    grandchild = int(job.progress_message)
    if kind == "returns":
        for child in worker.children():
            child.kill()
    eventually(lambda: grandchild not in [process.pid for process in worker.everything()], "the grandchild is gone")


def test_a_job_that_dies_is_over_even_if_a_process_it_forked_lives_on(worker: WorkerProcess) -> None:
    job = run("fork_heir")
    assert outcomes(job) == [AttemptOutcome.KILLED]
    (heir,) = worker.strays()
    heir.kill()


def test_a_job_that_forks_and_returns_twice_is_recorded_once(worker: WorkerProcess) -> None:
    job = run("fork_and_return")
    assert (job.status, outcomes(job)) == (Status.SUCCEEDED, [AttemptOutcome.SUCCEEDED])
    results = [job.result for job in _all_run("add_one", 40)]
    assert results == [{"number": 1}] * 40
    eventually(lambda: not worker.strays(), "the fork has ended")


def test_a_thread_left_behind_says_nothing_in_the_name_of_later_jobs(worker: WorkerProcess) -> None:
    assert run("leave_thread_behind").status == Status.SUCCEEDED
    for job in _all_run("noop", 20):
        assert (job.status, job.progress_done) == (Status.SUCCEEDED, None)


def test_a_payload_of_ten_megabytes_arrives(worker: WorkerProcess) -> None:
    assert run("measure", {"kind": "x" * 10_000_000}).result == 10_000_000


def _all_run(task_type: str, number: int) -> list[Job]:
    return all_ended(made.id for made in enqueue_many([NewJob(task_type=task_type)] * number))
