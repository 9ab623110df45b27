"""What a worker writes to its log: about which job, how it ended for good, and nothing secret."""

import json
from typing import Any

from jobqueue.models import Job
from jobqueue.states import Status

from .conftest import StartWorker
from .outcomes import run
from .processes import WorkerProcess
from .waiting import eventually

_SECRET = "k3y of the kingdom"
_JSON = {"LOG_FORMAT": "json"}


def lines(worker: WorkerProcess) -> list[dict[str, Any]]:
    """Its log so far; every line of it must be JSON."""
    return [json.loads(line) for line in worker.log.read_text().splitlines()]


def about(worker: WorkerProcess, job: Job, logger: str) -> list[dict[str, Any]]:
    """The lines of a logger about a job, once there are any."""

    def found() -> list[dict[str, Any]]:
        return [one for one in lines(worker) if one.get("job_id") == str(job.pk) and one["logger"] == logger]

    eventually(found, f"{logger} says something of the job")
    return found()


def test_a_line_inside_a_job_names_the_job_and_hides_its_secrets(start_worker: StartWorker) -> None:
    worker = start_worker(variables=_JSON)
    job = run("tell_secrets", {"name": "alice", "apiToken": _SECRET})

    first, _ = about(worker, job, "somebody.else")
    assert (first["job_type"], first["attempt"], first["level"]) == ("tell_secrets", 1, "info")
    assert first["event"].startswith("alice logs in with ")
    (end,) = about(worker, job, "jobqueue.outcomes")
    assert (end["job_type"], end["attempt"], end["error_code"], end["level"]) == ("tell_secrets", 1, "TOLD", "error")
    assert end["event"].startswith("tell_secrets is dead: TOLD: alice was refused with ")
    assert _SECRET not in worker.log.read_text()


def test_a_job_whose_process_was_killed_is_told_by_the_supervisor(start_worker: StartWorker) -> None:
    worker = start_worker(variables=_JSON)
    job = run("exit_hard")

    (end,) = about(worker, job, "jobqueue.outcomes")
    assert (end["job_type"], end["attempt"], end["error_code"]) == ("exit_hard", 1, "KILLED")


def test_what_succeeds_or_is_tried_again_is_worth_no_line(start_worker: StartWorker) -> None:
    worker = start_worker(variables=_JSON)
    assert run("noop").status == Status.SUCCEEDED
    assert run("fail_until", {"number": 2}).status == Status.SUCCEEDED
    refused = run("refuse")

    (end,) = about(worker, refused, "jobqueue.outcomes")
    assert [one for one in lines(worker) if one["logger"] == "jobqueue.outcomes"] == [end]


def test_lines_for_people_name_the_job_too(start_worker: StartWorker) -> None:
    worker = start_worker(variables={"LOG_FORMAT": "console"})
    job = run("tell_secrets", {"name": "alice", "apiToken": _SECRET})

    eventually(lambda: f"job_id={job.pk}" in worker.log.read_text(), "the job's lines are written")
    assert _SECRET not in worker.log.read_text()
