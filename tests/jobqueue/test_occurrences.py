"""The history of schedules: the same whether the jobs are there or not."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobqueue import transitions
from jobqueue.api import run_schedule
from jobqueue.cleanup import delete_finished
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.occurrences import Run, find_run, history, latest_runs, recent_outcomes
from jobqueue.states import Status
from tests.jobqueue.factories import make_job, make_schedule
from tests.jobqueue.lifecycle import take

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
COUNTED = {"solves": 7, "seconds": 1.5, "source": "metactf", "is_full": True, "events": {"new": 2, "names": ["a"]}}


def _run(schedule: Schedule, minutes_ago: int, status: Status = Status.SUCCEEDED, **fields: Any) -> Occurrence:
    """One that has run so long ago, for two seconds."""
    moment = timezone.now() - minutes_ago * MINUTE
    if status not in (Status.PENDING, Status.RUNNING, Status.RETRYING):
        fields = {"started_at": moment, "finished_at": moment + timedelta(seconds=2), **fields}
    job = make_job(status, schedule=schedule, occurrence=moment, **fields)
    return _occur(schedule, minutes_ago, job_id=job.pk)


def _occur(schedule: Schedule, minutes_ago: int, **fields: Any) -> Occurrence:
    moment = timezone.now() - minutes_ago * MINUTE
    given = {"scheduled_at": moment, "fired_at": moment, "trigger": Trigger.SCHEDULE}
    return Occurrence.objects.create(schedule=schedule, **{**given, **fields})


def _story(run: Run) -> tuple[object, ...]:
    """What must not depend on the job's row."""
    return (run.id, run.job_id, run.status, run.started_at, run.finished_at, run.duration, run.metrics, run.error)


class TestHistory:
    def test_a_run_is_told_whole(self) -> None:
        schedule = make_schedule("nightly")
        occurrence = _run(schedule, 5, result=COUNTED)

        (run,) = history(schedule)

        assert (run.id, run.schedule_id, run.schedule) == (occurrence.pk, schedule.pk, "nightly")
        assert (run.scheduled_at, run.fired_at) == (occurrence.scheduled_at, occurrence.fired_at)
        assert (run.trigger, run.skipped, run.times) == (Trigger.SCHEDULE, None, 1)
        assert (run.status, run.has_job, run.duration) == (Status.SUCCEEDED, True, timedelta(seconds=2))
        assert run.metrics == {"solves": 7, "seconds": 1.5, "events.new": 2}
        assert run.error == ""

    def test_a_failed_one_tells_its_error(self) -> None:
        _run(make_schedule(), 5, Status.FAILED)

        assert history()[0].error == "the token was refused"

    @pytest.mark.parametrize("status", [Status.PENDING, Status.RUNNING, Status.RETRYING])
    def test_one_that_is_unfinished_has_no_duration(self, status: Status) -> None:
        _run(make_schedule(), 5, status)

        (run,) = history()
        assert (run.status, run.duration, run.metrics) == (status, None, {})

    def test_a_skipped_one_says_why_and_how_often(self) -> None:
        _occur(make_schedule(), 5, skipped=Skipped.MISSED, times=40)

        (run,) = history()
        assert (run.skipped, run.times, run.status, run.job_id, run.has_job) == (Skipped.MISSED, 40, None, None, False)

    def test_an_invalid_one_tells_what_was_wrong(self) -> None:
        _occur(make_schedule(), 5, skipped=Skipped.INVALID, error="unknown field `x`")

        assert history()[0].error == "unknown field `x`"

    def test_the_newest_come_first_page_by_page(self) -> None:
        schedule, other = make_schedule("a"), make_schedule("b")
        made = [_occur(schedule, minutes).pk for minutes in (50, 40, 30, 20, 10)]
        strange = _occur(other, 15).pk

        first = history(schedule, limit=2)
        second = history(schedule, limit=2, before=first[-1].id)

        assert [run.id for run in first + second] == made[:0:-1]
        assert [run.id for run in history(limit=3)] == [strange, made[4], made[3]]
        assert [run.id for run in history(limit=3, before=made[3])] == made[2::-1]

    def test_a_page_costs_one_query(self) -> None:
        schedule = make_schedule()
        for minutes in range(20):
            _run(schedule, minutes, result=COUNTED)

        with CaptureQueriesContext(connection) as asked:
            assert len(history(schedule)) == 20
        assert len(asked) == 1

    def test_one_is_found_by_its_id(self) -> None:
        occurrence = _occur(make_schedule(), 5)

        found = find_run(occurrence.pk)
        assert found is not None
        assert found.id == occurrence.pk
        assert find_run(occurrence.pk + 1) is None


class TestDeletedJobs:
    @pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.DEAD, Status.CANCELLED])
    def test_cleanup_takes_nothing_from_the_history(self, status: Status) -> None:
        schedule = make_schedule()
        for minutes in (3, 2, 1):
            _run(schedule, minutes, status, result=COUNTED if status == Status.SUCCEEDED else None)
        before = [_story(run) for run in history(schedule)]

        assert delete_finished(older_than=timedelta())[status] == 3

        assert [_story(run) for run in history(schedule)] == before
        assert not any(run.has_job for run in history(schedule))

    def test_a_job_that_is_deleted_with_its_success_leaves_its_story(self) -> None:
        schedule = make_schedule(queue="lane")
        held = take(run_schedule(schedule).id)
        held.finish(Status.SUCCEEDED, result=msgspec.Raw(msgspec.json.encode(COUNTED)))
        (before,) = history(schedule)
        assert before.has_job

        transitions.drop([held.claimed.id])
        assert not Job.objects.exists()

        (after,) = history(schedule)
        assert not after.has_job
        assert _story(after) == _story(before)
        assert after.metrics == {"solves": 7, "seconds": 1.5, "events.new": 2}
        assert after.duration == timedelta(seconds=2)

    def test_a_job_that_was_deleted_before_its_end_has_no_status_and_says_so(self) -> None:
        occurrence = _run(make_schedule(), 5, Status.PENDING)

        transitions.delete([Job.objects.get().pk])

        (run,) = history()
        assert (run.id, run.status, run.has_job) == (occurrence.pk, None, False)
        assert run.error == "Its job was deleted before it had ended."

    def test_a_job_that_vanished_without_a_trace_has_no_status(self) -> None:
        _occur(make_schedule(), 5, job_id=uuid4())

        (run,) = history()
        assert (run.status, run.has_job, run.metrics, run.error) == (None, False, {}, "")

    def test_jobs_of_no_schedule_change_no_occurrence(self) -> None:
        occurrence = _run(make_schedule(), 5)
        stranger = make_job(Status.DEAD)

        Job.objects.filter(pk=stranger.pk).delete()

        occurrence.refresh_from_db()
        assert occurrence.status == ""


class TestLatest:
    def test_it_is_the_last_that_was_not_skipped(self) -> None:
        busy, idle = make_schedule("busy"), make_schedule("idle")
        _run(busy, 30)
        expected = _run(busy, 20, Status.FAILED)
        _occur(busy, 10, skipped=Skipped.OVERLAP)
        _occur(idle, 10, skipped=Skipped.MISSED)

        found = latest_runs([busy.pk, idle.pk])

        assert set(found) == {busy.pk}
        assert (found[busy.pk].id, found[busy.pk].status) == (expected.pk, Status.FAILED)

    def test_what_lies_ahead_is_none_of_them(self) -> None:
        schedule = make_schedule()
        before = _run(schedule, 20)
        _run(schedule, -10, Status.PENDING)

        assert latest_runs([schedule.pk])[schedule.pk].id == before.pk

    def test_outcomes_are_told_oldest_first_and_so_many_each(self) -> None:
        one, two, three = make_schedule("one"), make_schedule("two"), make_schedule("three")
        for minutes, status in ((50, Status.SUCCEEDED), (40, Status.FAILED), (20, Status.DEAD), (10, Status.RUNNING)):
            _run(one, minutes, status)
        _occur(one, 30, skipped=Skipped.OVERLAP)
        _occur(two, 10, status=Status.CANCELLED, job_id=uuid4())

        with CaptureQueriesContext(connection) as asked:
            found = recent_outcomes([one.pk, two.pk, three.pk], each=4)

        assert len(asked) == 1
        assert found == {one.pk: ["failed", "overlap", "dead", "running"], two.pk: ["cancelled"]}


class TestMetrics:
    """`jobqueue_metrics`: the numbers among a result's values."""

    def _metrics(self, result: object) -> Any:
        return self._of(json.dumps(result))

    def _of(self, text: str | None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT jobqueue_metrics(%s::jsonb)::text", [text])
            (found,) = cursor.fetchone() or (None,)
        return found and json.loads(found)

    @pytest.mark.parametrize("result", [None, [], [1, 2], [{"a": 1}], "text", 7, True, {}, {"a": "1"}, {"a": [1]}])
    def test_what_counts_nothing_has_none(self, result: object) -> None:
        assert self._metrics(result) is None

    def test_no_result_has_none(self) -> None:
        assert self._of(None) is None

    def test_numbers_alone_count(self) -> None:
        found = self._metrics({"a": 1, "b": -2.5, "c": "3", "d": True, "e": None, "f": [4], "zero": 0})

        assert found == {"a": 1, "b": -2.5, "zero": 0}

    def test_one_level_down_counts_with_a_dot(self) -> None:
        assert self._metrics({"a": {"b": 1, "c": {"d": 2}, "e": "x"}, "f": {}}) == {"a.b": 1}

    def test_names_may_be_anything(self) -> None:
        assert self._metrics({"": 1, "a.b": 2, "ü 🐍": {"x y": 3}}) == {"": 1, "a.b": 2, "ü 🐍.x y": 3}

    def test_huge_and_tiny_numbers_stay_what_they_are(self) -> None:
        assert self._metrics({"huge": 10**40, "tiny": 1e-30}) == {"huge": 10**40, "tiny": 1e-30}

    def test_there_are_twenty_at_most(self) -> None:
        found = self._metrics({f"n{number:02}": number for number in range(30)})

        assert len(found) == 20
        assert found == {f"n{number:02}": number for number in range(20)}

    def test_nested_ones_come_after_those_at_the_top(self) -> None:
        found = self._metrics({"a": {f"n{number}": number for number in range(40)}, "total": 40})

        assert len(found) == 20
        assert found["total"] == 40
