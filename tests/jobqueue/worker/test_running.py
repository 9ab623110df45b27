"""What a job leaves behind when all goes well."""

import itertools
from uuid import UUID

from jobqueue.api import NewJob, Priority, enqueue, enqueue_many
from jobqueue.models import Job, LogLine
from jobqueue.states import AttemptOutcome, Status

from .outcomes import all_ended, attempts, begun, ended, inserted, outcomes, run
from .processes import WorkerProcess
from .waiting import eventually


def test_what_a_handler_returns_is_the_jobs_result(worker: WorkerProcess) -> None:
    job = run("add_one", {"number": 41})
    assert (job.status, job.result, job.attempts) == (Status.SUCCEEDED, {"number": 42}, 1)
    assert (job.error_code, job.worker_id) == ("", None)


def test_its_one_attempt_is_recorded_with_its_times_and_worker(worker: WorkerProcess) -> None:
    job = run("nap", {"seconds": 0.05})
    (attempt,) = attempts(job)
    assert (attempt.outcome, attempt.number, attempt.worker_id) == (AttemptOutcome.SUCCEEDED, 1, worker.id)
    assert job.created_at <= attempt.started_at < attempt.finished_at
    assert attempt.duration.total_seconds() >= 0.05
    assert (job.started_at, job.finished_at) == (attempt.started_at, attempt.finished_at)


def test_a_running_job_shows_since_when_and_by_whom(worker: WorkerProcess) -> None:
    id_ = enqueue("nap", {"seconds": 0.5}).id
    mine = Job.objects.filter(pk=id_, status=Status.RUNNING, started_at__isnull=False)
    eventually(mine.exists, "the job is marked as started")
    assert mine.get().worker_id == worker.id
    assert ended(id_).status == Status.SUCCEEDED


def test_jobs_of_all_queues_and_priorities_are_run(worker: WorkerProcess) -> None:
    places = itertools.product(("default", "mail"), Priority)
    jobs = [NewJob(task_type="noop", queue=queue, priority=priority) for queue, priority in places]
    assert {job.status for job in all_ended(made.id for made in enqueue_many(jobs))} == {Status.SUCCEEDED}


def test_lines_of_any_logger_are_kept_with_the_attempt(worker: WorkerProcess) -> None:
    job = run("chatty", {"number": 3})
    lines = list(LogLine.objects.filter(job_id=job.pk))
    assert [(line.number, line.level, line.text) for line in lines] == [
        (number + 1, "INFO", f"line {number}") for number in range(3)
    ]
    assert {line.claim for line in lines} == {attempts(job)[0].claim}


def test_of_an_endless_log_the_beginning_and_the_end_are_kept_and_the_gap_is_said(worker: WorkerProcess) -> None:
    job = run("chatty", {"number": 20_000})
    texts = list(LogLine.objects.filter(job_id=job.pk).values_list("text", flat=True))
    assert len(texts) == 1_001
    assert (texts[0], texts[499], texts[501], texts[-1]) == ("line 0", "line 499", "line 19500", "line 19999")
    assert texts[500] == "… 19000 lines dropped …"


def test_a_line_that_cannot_be_formatted_is_kept_as_such_and_fails_nothing(worker: WorkerProcess) -> None:
    job = run("log_wrongly")
    assert job.status == Status.SUCCEEDED
    texts = list(LogLine.objects.filter(job_id=job.pk).values_list("text", flat=True))
    assert len(texts) == 2
    assert "cannot be formatted" in texts[0]
    assert texts[1] == "and on it goes"


def test_progress_is_seen_while_the_job_runs_and_its_last_word_stays(worker: WorkerProcess) -> None:
    id_ = enqueue("report_progress").id
    running = begun(id_)
    assert (running.progress_done, running.progress_total) == (1, 3)
    job = ended(id_)
    assert (job.progress_done, job.progress_total, job.progress_message) == (3, 3, "as good as done")


def test_a_job_whose_process_died_resumes_from_its_checkpoint(worker: WorkerProcess) -> None:
    job = run("steps", {"number": 10})
    assert (job.status, job.result) == (Status.SUCCEEDED, {"began_at": 6, "attempt": 2})
    assert outcomes(job) == [AttemptOutcome.KILLED, AttemptOutcome.SUCCEEDED]


def test_a_handler_enqueues_children_that_know_their_parent(worker: WorkerProcess) -> None:
    job = run("spawn_child_job", {"number": 1})
    child = ended(UUID(job.result))
    assert (child.parent_id, child.result) == (job.pk, {"number": 2})


def test_a_child_enqueued_in_a_transaction_that_was_rolled_back_does_not_exist(worker: WorkerProcess) -> None:
    job = run("spawn_and_fail")
    assert job.status == Status.DEAD
    assert not Job.objects.filter(parent_id=job.pk).exists()


def test_a_task_type_that_no_handler_knows_fails_naming_the_known_ones(worker: WorkerProcess) -> None:
    job = ended(inserted(task_type="forgotten"))
    assert (job.status, job.error_code) == (Status.FAILED, "UNKNOWN_TASK_TYPE")
    assert "'forgotten'" in job.error_message
    assert "add_one" in job.error_message
    assert run("noop").status == Status.SUCCEEDED


def test_a_payload_that_does_not_fit_any_more_fails_saying_why(worker: WorkerProcess) -> None:
    job = ended(inserted(task_type="add_one", payload={"number": "one"}))
    assert (job.status, job.error_code) == (Status.FAILED, "VALIDATION_ERROR")
    assert "number" in job.error_message
