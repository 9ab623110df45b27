"""The options of `run_worker`, and the switch in the environment."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from jobqueue import pauses
from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import Job, Worker, WorkerCycle
from jobqueue.states import Status

from .conftest import StartWorker
from .outcomes import ended
from .waiting import eventually


def statuses() -> dict[str, int]:
    return Counter(Job.objects.values_list("status", flat=True))


def test_once_runs_what_is_due_and_ends(start_worker: StartWorker) -> None:
    enqueue_many([NewJob(task_type="add_one")] * 30)
    enqueue("noop", delay=timedelta(hours=1))
    worker = start_worker("--once", is_ready=False)
    assert worker.wait() == 0
    assert "30 jobs run." in worker.log.read_text()
    assert statuses() == {Status.SUCCEEDED: 30, Status.PENDING: 1}
    assert Worker.objects.get().stopped_at is not None


def test_once_runs_also_what_waited_behind_a_long_job(start_worker: StartWorker) -> None:
    enqueue_many([NewJob(task_type="nap")] * 60)
    enqueue("nap", {"seconds": 1.0})
    enqueue_many([NewJob(task_type="nap")] * 20)
    assert start_worker("--once", "--concurrency", "1", is_ready=False).wait() == 0
    assert statuses() == {Status.SUCCEEDED: 81}


def test_limit_bounds_how_many_once_runs(start_worker: StartWorker) -> None:
    enqueue_many([NewJob(task_type="nap", payload={"seconds": 0.02})] * 60)
    worker = start_worker("--once", "--limit", "40", is_ready=False)
    assert worker.wait() == 0
    assert statuses() == {Status.SUCCEEDED: 40, Status.PENDING: 20}
    assert "40 jobs run." in worker.log.read_text()


def test_limit_without_once_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        call_command("run_worker", "--limit", "3")
    assert "--limit needs --once." in capsys.readouterr().err


def test_once_is_a_cycle_on_record(start_worker: StartWorker) -> None:
    enqueue("noop")
    enqueue("refuse")
    assert start_worker("--once", is_ready=False).wait() == 0
    cycle = WorkerCycle.objects.get()
    assert (cycle.source, cycle.status, cycle.status_code) == ("manual", "ok", 200)
    assert (cycle.claimed, cycle.processed, cycle.succeeded, cycle.failed) == (2, 2, 1, 1)
    assert (cycle.limit, cycle.worker_id) == (None, Worker.objects.get().pk)
    assert [told["code"] for told in cycle.errors] == ["NOT_FOUND"]


def test_force_runs_what_is_due_although_everything_is_paused(start_worker: StartWorker) -> None:
    pauses.pause(reason="maintenance")
    enqueue("noop")
    assert start_worker("--once", is_ready=False).wait() == 0
    assert statuses() == {Status.PENDING: 1}
    assert WorkerCycle.objects.get().status == "paused"
    assert start_worker("--once", "--force", is_ready=False).wait() == 0
    assert statuses() == {Status.SUCCEEDED: 1}


def test_force_without_once_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        call_command("run_worker", "--force")
    assert "--force needs --once." in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "-1", "many", "100000"])
def test_a_concurrency_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="expected a whole number from 1 to 10000"):
        call_command("run_worker", f"--concurrency={text}")


def test_a_worker_for_some_queues_leaves_the_others_alone(start_worker: StartWorker) -> None:
    mine = [enqueue("noop", queue=queue).id for queue in ("mail", "sync")]
    other = enqueue("noop").id
    worker = start_worker("--queues", "mail, sync")
    assert [ended(id_).status for id_ in mine] == [Status.SUCCEEDED] * 2
    assert Job.objects.get(pk=other).status == Status.PENDING
    assert Worker.objects.get(pk=worker.id).queues == ["mail", "sync"]


def test_a_disabled_queue_runs_nothing_but_its_worker_lives(start_worker: StartWorker) -> None:
    id_ = enqueue("noop").id
    worker = start_worker(variables={"JOB_QUEUE_DISABLED": "true"})
    beat = Worker.objects.get(pk=worker.id).beat_at
    eventually(Worker.objects.filter(pk=worker.id, beat_at__gt=beat, is_sleeping=True).exists, "it beats and sleeps")
    assert Job.objects.get(pk=id_).status == Status.PENDING
    start_worker()
    assert ended(id_).status == Status.SUCCEEDED
