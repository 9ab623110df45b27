"""Several workers share the work, and an idle one is woken by it."""

from collections import Counter
from datetime import timedelta

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import Attempt, Worker
from jobqueue.states import Status

from .conftest import StartWorker
from .effects import runs
from .outcomes import all_ended, ended, run
from .waiting import eventually

_NEVER = 3_600.0  # seconds until the next look for work


def test_two_workers_run_each_of_many_jobs_exactly_once(start_worker: StartWorker, runs_table: None) -> None:
    workers = [start_worker("--concurrency", "1") for _ in range(2)]
    ids = [made.id for made in enqueue_many([NewJob(task_type="note_run", payload={"seconds": 0.001})] * 2_000)]
    assert {job.status for job in all_ended(ids)} == {Status.SUCCEEDED}
    assert runs() == Counter(ids)
    shares = Counter(Attempt.objects.values_list("worker_id", flat=True))
    assert set(shares) == {worker.id for worker in workers}
    assert sum(shares.values()) == len(ids)


def test_an_idle_worker_does_not_wait_for_its_next_look_but_is_woken(start_worker: StartWorker) -> None:
    worker = start_worker(POLL_SECONDS=_NEVER)
    for _ in range(20):
        eventually(Worker.objects.filter(pk=worker.id, is_sleeping=True).exists, "it sleeps")
        assert run("noop").status == Status.SUCCEEDED


def test_a_job_of_the_future_is_not_waited_for_longer_than_it_asks(start_worker: StartWorker) -> None:
    start_worker(POLL_SECONDS=_NEVER)
    run("noop")
    id_ = enqueue("noop", delay=timedelta(seconds=0.5)).id
    job = ended(id_)
    assert job.started_at is not None
    assert job.started_at >= job.run_at


def test_a_retry_is_not_waited_for_longer_than_its_backoff(start_worker: StartWorker) -> None:
    start_worker(POLL_SECONDS=_NEVER)
    assert run("fail_late").status == Status.SUCCEEDED


def test_an_idle_worker_is_a_supervisor_a_zygote_and_its_children_without_a_zombie(start_worker: StartWorker) -> None:
    worker = start_worker("--concurrency", "2")
    for jobs in (0, 3_000):
        all_ended(made.id for made in enqueue_many([NewJob(task_type="noop")] * jobs))
        processes = worker.everything()
        assert len(processes) == 4
        assert not [child for process in processes for child in process.children() if child.status() == "zombie"]
        pss = [process.memory_full_info().pss / 2**20 for process in processes]
        print(f"PSS after {jobs} jobs: {sum(pss):.0f} MiB ({', '.join(f'{mib:.0f}' for mib in pss)})")
