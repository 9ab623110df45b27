"""What is deleted when, and what is kept."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from jobqueue.cleanup import count_finished, delete_finished, forget_ended
from jobqueue.contexts import JobContext
from jobqueue.exceptions import JobCancelled
from jobqueue.ids import first_id_at
from jobqueue.models import Alert, Attempt, Failure, Job, LogLine, Occurrence, Worker, WorkerCycle
from jobqueue.registry import job_handler, registry
from jobqueue.states import FINISHED, Status
from tests.jobqueue.factories import make_attempt, make_job, make_log_lines, make_schedule, make_worker

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def _clean_up(between_batches: Callable[[], None] = lambda: None) -> dict[str, int]:
    deleted = delete_finished(between_batches=between_batches)
    forget_ended()
    return deleted


def _ended(
    status: Status, ago: timedelta, *, made: timedelta | None = None, nth: int = 0, task_type: str = "noop"
) -> Job:
    """A job that ended then, and was made then or earlier."""
    moment = timezone.now() - ago
    id_ = UUID(int=first_id_at(timezone.now() - (made or ago)).int + nth)
    return make_job(status, id=id_, task_type=task_type, finished_at=moment, started_at=moment)


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

    def cancelled_at_the_second() -> None:
        if Job.objects.count() < 25:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        _clean_up(cancelled_at_the_second)

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


@pytest.fixture
def keeps_long() -> Iterator[str]:
    @job_handler("keeps_long", retention={Status.SUCCEEDED: timedelta(days=90), Status.FAILED: timedelta(hours=1)})
    def handler(job: JobContext) -> None: ...

    yield "keeps_long"
    registry.remove("keeps_long")


def test_a_task_type_may_have_its_own_retention(keeps_long: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobqueue.cleanup._BATCH", 2)
    kept = [_ended(Status.SUCCEEDED, timedelta(days=80), nth=nth, task_type=keeps_long) for nth in range(5)]
    for nth in range(5, 10):
        _ended(Status.SUCCEEDED, timedelta(days=80), nth=nth)
    _ended(Status.SUCCEEDED, timedelta(days=91), task_type=keeps_long)
    _ended(Status.FAILED, timedelta(hours=2), task_type=keeps_long)

    expected = {"succeeded": 6, "failed": 1, "dead": 0, "cancelled": 0}
    assert count_finished() == expected
    assert _clean_up() == expected
    assert set(Job.objects.values_list("pk", flat=True)) == {job.pk for job in kept}


def test_what_is_older_than_said_is_deleted_whatever_its_retention(keeps_long: str) -> None:
    _ended(Status.SUCCEEDED, timedelta(days=3), task_type=keeps_long)
    kept = _ended(Status.FAILED, timedelta(days=3))

    deleted = delete_finished(statuses=[Status.SUCCEEDED], older_than=timedelta(days=2))

    assert deleted == {"succeeded": 1}
    assert Job.objects.get() == kept


def test_failures_that_were_not_seen_for_long_are_forgotten() -> None:
    for fingerprint, days in (("old", 31), ("new", 29)):
        seen = timezone.now() - timedelta(days=days)
        Failure.objects.create(
            task_type="noop", fingerprint=fingerprint, first_seen_at=seen, last_seen_at=seen, last_job_id=UUID(int=1)
        )

    _clean_up()

    assert Failure.objects.get().fingerprint == "new"


def test_the_history_of_schedules_is_kept_for_its_own_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobqueue.cleanup._BATCH", 2)
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "KEEP_OCCURRENCES": timedelta(days=30)}
    schedule, now = make_schedule(), timezone.now()
    for days in (40, 35, 33, 32, 31, 29, 1):
        moment = now - timedelta(days=days)
        Occurrence.objects.create(schedule=schedule, scheduled_at=moment, fired_at=moment, trigger="schedule")

    _clean_up()

    assert [(now - one.fired_at).days for one in Occurrence.objects.order_by("fired_at")] == [29, 1]


def test_alerts_are_kept_while_they_are_open(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "KEEP_OCCURRENCES": timedelta(days=30)}
    long_ago = timezone.now() - timedelta(days=31)
    for subject, cleared_at in (("open", None), ("cleared", long_ago), ("just cleared", timezone.now())):
        Alert.objects.create(
            kind="schedule_late", subject=subject, message="late", raised_at=long_ago, cleared_at=cleared_at
        )

    _clean_up()

    assert set(Alert.objects.values_list("subject", flat=True)) == {"open", "just cleared"}


def test_worker_cycles_are_kept_for_their_time_unless_they_run(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "KEEP_CYCLES": timedelta(days=3)}
    long_ago = timezone.now() - timedelta(days=4)
    ended = {"status": "ok", "status_code": 200, "finished_at": timezone.now()}
    WorkerCycle.objects.create(source="http", started_by="old", started_at=long_ago, **ended)
    WorkerCycle.objects.create(source="http", started_by="runs", started_at=long_ago, worker=make_worker())
    WorkerCycle.objects.create(source="http", started_by="new", **ended)

    _clean_up()

    assert set(WorkerCycle.objects.values_list("started_by", flat=True)) == {"runs", "new"}
