"""What is deleted when, and what is kept."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from jobqueue.cleanup import clean_up
from jobqueue.exceptions import JobCancelled
from jobqueue.ids import first_id_at
from jobqueue.models import Attempt, Job, LogLine, Worker
from jobqueue.registry import JobContext
from jobqueue.states import FINISHED, Status
from tests.jobqueue.factories import make_attempt, make_job, make_log_lines, make_worker

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


class Context:
    """A job context for a handler that runs here; counts how often it lets itself be interrupted."""

    id = UUID(int=0)
    task_type = "job_queue_cleanup"
    attempt = 1
    max_attempts = 1
    occurrence: datetime | None = None
    deadline: datetime | None = None
    checkpointed: Any = None
    log = logging.getLogger("test")

    def __init__(self, *, cancelled_after: int = 1_000) -> None:
        self._left = cancelled_after

    def checkpoint(self, data: Any) -> None: ...
    def progress(self, done: int, total: int, message: str = "") -> None: ...

    def check_cancelled(self) -> None:
        if self._left == 0:
            raise JobCancelled
        self._left -= 1

    def enqueue(self, task_type: str, payload: Any = None, *, delay: timedelta | None = None) -> UUID:
        raise AssertionError("nothing to enqueue here")


def _clean_up(context: JobContext | None = None) -> dict[str, int]:
    return clean_up(context or Context())


def _ended(status: Status, ago: timedelta, *, made: timedelta | None = None, nth: int = 0) -> Job:
    """A job that ended then, and was made then or earlier."""
    moment = timezone.now() - ago
    id_ = UUID(int=first_id_at(timezone.now() - (made or ago)).int + nth)
    return make_job(status, id=id_, finished_at=moment, started_at=moment)


@pytest.mark.parametrize(
    ("status", "days"),
    [(Status.SUCCEEDED, 14), (Status.CANCELLED, 14), (Status.FAILED, 30), (Status.DEAD, 30)],
)
def test_each_state_is_kept_for_its_time(status: Status, days: int) -> None:
    kept = _ended(status, timedelta(days=days - 1))
    gone = _ended(status, timedelta(days=days, hours=1))

    deleted = _clean_up()

    assert [job.pk for job in Job.objects.all()] == [kept.pk] != [gone.pk]
    assert deleted == {other.value: int(other == status) for other in FINISHED}


@pytest.mark.parametrize("status", [Status.PENDING, Status.RUNNING, Status.RETRYING])
def test_what_has_not_ended_is_kept_however_old_it_is(status: Status) -> None:
    make_job(status, id=first_id_at(timezone.now() - timedelta(days=999)))

    _clean_up()

    assert Job.objects.filter(status=status).count() == 1


def test_a_job_that_waited_long_is_kept_from_its_end_on() -> None:
    kept = _ended(Status.SUCCEEDED, timedelta(days=1), made=timedelta(days=90))

    _clean_up()

    assert Job.objects.get() == kept


def test_attempts_and_log_lines_go_with_their_job() -> None:
    gone, kept = _ended(Status.DEAD, timedelta(days=60)), _ended(Status.DEAD, timedelta(days=1))
    for job in (gone, kept):
        make_attempt(job, 1)
        make_attempt(job, 2)
        make_log_lines(job, 3)

    _clean_up()

    assert set(Attempt.objects.values_list("job_id", flat=True)) == {kept.pk}
    assert set(LogLine.objects.values_list("job_id", flat=True)) == {kept.pk}


def test_many_are_deleted_in_batches_and_all_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobqueue.cleanup._BATCH", 10)
    for nth in range(25):
        _ended(Status.SUCCEEDED, WEEK * 10, nth=nth)

    with CaptureQueriesContext(connection) as queries:
        deleted = _clean_up()

    batches = [query for query in queries if "DELETE FROM jobqueue_job" in query["sql"] and "succeeded" in query["sql"]]
    assert len(batches) == 3
    assert deleted["succeeded"] == 25
    assert not Job.objects.exists()


def test_it_lets_itself_be_cancelled_between_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobqueue.cleanup._BATCH", 10)
    for nth in range(25):
        _ended(Status.SUCCEEDED, WEEK * 10, nth=nth)

    with pytest.raises(JobCancelled):
        _clean_up(Context(cancelled_after=1))

    assert Job.objects.count() == 15


def test_retention_is_a_setting(settings: Settings) -> None:
    settings.JOB_QUEUE = {"RETENTION_SUCCEEDED": timedelta(), "RETENTION_FAILED": timedelta(hours=1)}
    _ended(Status.SUCCEEDED, timedelta(seconds=1))
    kept = _ended(Status.FAILED, timedelta(minutes=50))

    assert _clean_up()["succeeded"] == 1
    assert Job.objects.get() == kept


def test_workers_long_gone_are_forgotten() -> None:
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=2)
    make_worker(beat_at=long_ago, stopped_at=long_ago)
    make_worker(beat_at=long_ago, lost_at=long_ago)
    recent = make_worker(beat_at=now, stopped_at=now)

    _clean_up()

    assert Worker.objects.get() == recent


def test_a_worker_whose_loss_nobody_has_noticed_yet_is_kept_so_that_its_jobs_are_rescued() -> None:
    silent = make_worker(beat_at=timezone.now() - timedelta(days=9))
    make_job(Status.RUNNING, worker=silent)

    _clean_up()

    assert Worker.objects.get() == silent


def test_it_is_a_task_type_of_the_queue_itself() -> None:
    from jobqueue.jobs import job_queue_cleanup

    _ended(Status.CANCELLED, timedelta(days=15))

    assert job_queue_cleanup(Context()) == {"succeeded": 0, "cancelled": 1, "failed": 0, "dead": 0}
