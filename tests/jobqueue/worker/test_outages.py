"""The database goes away and returns: no worker ends, no job is lost, none is recorded twice."""

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import Attempt, Job, Worker
from jobqueue.states import AttemptOutcome, Status

from .cluster import Cluster, programs
from .conftest import StartWorker
from .effects import table_of_runs, wait_for_runs
from .outcomes import all_ended, begun, reached
from .processes import ROOT
from .waiting import eventually

pytestmark = pytest.mark.fault

_QUICK = {"HEARTBEAT_SECONDS": 0.5, "LOST_AFTER_SECONDS": 2.0}
_LONGER_THAN_LOST_AFTER = 3.0  # seconds


@pytest.fixture(scope="module")
def cluster(database: None) -> Iterator[Cluster]:
    """A server of this module's own, to which the tests' connection leads meanwhile."""
    bin_ = programs()
    if bin_ is None:
        pytest.skip("needs Debian's PostgreSQL in /usr/lib/postgresql")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder), bin_)
        try:
            patch.setenv("DATABASE_URL", cluster.url)
            connection.close()
            for name, value in cluster.django_settings().items():
                patch.setitem(connection.settings_dict, name, value)
            migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
            subprocess.run(migrate, cwd=ROOT, timeout=120, check=True)
            with table_of_runs():
                yield cluster
        finally:
            connection.close()
            cluster.crash()


def test_a_server_that_crashes_and_recovers_under_load(cluster: Cluster, start_worker: StartWorker) -> None:
    ids = _enqueued(800)
    workers = [start_worker("--concurrency", "1", **_QUICK) for _ in range(2)]
    for number in range(1, 4):
        wait_for_runs(number * 120)
        cluster.restart()
        connection.close()
    _assert_all_is_well(ids)
    assert not any(worker.has_ended() for worker in workers)


def test_a_server_that_is_away_for_longer_than_workers_are_waited_for(
    cluster: Cluster, start_worker: StartWorker
) -> None:
    ids = _enqueued(200)
    late = enqueue("nap", {"seconds": 2.0}).id
    workers = [start_worker("--concurrency", "1", **_QUICK) for _ in range(2)]
    reached(late, Status.RUNNING)
    cluster.crash()
    time.sleep(_LONGER_THAN_LOST_AFTER)
    cluster.start()
    connection.close()
    _assert_all_is_well([*ids, late])
    assert not any(worker.has_ended() for worker in workers)
    # It ended while nobody could be told; its outcome waited.
    assert Attempt.objects.get(job_id=late).outcome == AttemptOutcome.SUCCEEDED


def test_a_server_that_answers_nobody_for_longer_than_workers_are_waited_for(
    cluster: Cluster, start_worker: StartWorker
) -> None:
    ids = _enqueued(400)
    workers = [start_worker("--concurrency", "1", **_QUICK) for _ in range(2)]
    eventually(Job.objects.filter(status=Status.SUCCEEDED).exists, "they work")
    cluster.freeze()
    time.sleep(_LONGER_THAN_LOST_AFTER)
    cluster.thaw()
    _assert_all_is_well(ids)
    assert not any(worker.has_ended() for worker in workers)


def test_a_lock_that_holds_all_up_for_longer_than_workers_are_waited_for(
    cluster: Cluster, start_worker: StartWorker
) -> None:
    ids = _enqueued(2_000)
    workers = [start_worker("--concurrency", "1", **_QUICK) for _ in range(2)]
    eventually(Job.objects.filter(status=Status.SUCCEEDED).exists, "they work")
    time.sleep(_LONGER_THAN_LOST_AFTER)  # from then on each may judge the other
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE jobqueue_job")
        time.sleep(_LONGER_THAN_LOST_AFTER)
    _assert_all_is_well(ids)
    assert not any(worker.has_ended() for worker in workers)


def test_connections_that_are_cut_again_and_again(cluster: Cluster, start_worker: StartWorker) -> None:
    ids = _enqueued(800)
    worker = start_worker("--concurrency", "2")
    for number in range(1, 11):
        wait_for_runs(number * 60)
        _cut_all_others()
    _assert_all_is_well(ids)
    assert not worker.has_ended()


def test_a_worker_that_is_stopped_while_the_server_is_away_ends_and_its_jobs_run_again(
    cluster: Cluster, start_worker: StartWorker
) -> None:
    worker = start_worker("--concurrency", "1", SHUTDOWN_GRACE_SECONDS=0.5)
    id_ = enqueue("hang").id
    begun(id_)
    cluster.crash()
    worker.signal(signal.SIGTERM)
    worker.wait()
    assert "Traceback" not in worker.log.read_text()
    cluster.start()
    connection.close()
    assert Job.objects.get(pk=id_).status == Status.RUNNING
    start_worker()
    eventually(Attempt.objects.filter(job_id=id_).exists, "its job is rescued")


def _enqueued(number: int) -> list[UUID]:
    """Jobs of 5 ms that leave a trace. An outage that hits one in its own query costs it an attempt."""
    job = NewJob(task_type="note_run", payload={"seconds": 0.005}, max_attempts=100)
    return [made.id for made in enqueue_many([job] * number)]


def _cut_all_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _assert_all_is_well(ids: list[UUID]) -> None:
    assert {job.status for job in all_ended(ids)} == {Status.SUCCEEDED}
    recorded = Counter(
        Attempt.objects.filter(job_id__in=ids, outcome=AttemptOutcome.SUCCEEDED).values_list("job_id", flat=True)
    )
    assert set(recorded.values()) == {1}
    assert len(recorded) == len(ids)
    assert not Attempt.objects.filter(outcome=AttemptOutcome.LOST).exists()
    assert not Worker.objects.filter(lost_at__isnull=False).exists()
