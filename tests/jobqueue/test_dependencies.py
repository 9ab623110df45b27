"""A job that depends on others: when it runs, and what becomes of it when they do not succeed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.exceptions import InvalidOptionError
from jobqueue.models import Dependency, Job
from jobqueue.reports import encode_report
from jobqueue.states import FINISHED, OnFailure, Status
from jobqueue.transitions import Moved, cancel, delete, finish, retry, run_now
from tests.jobqueue.dependents import (
    ENDS_WITHOUT_SUCCESS,
    ENDS_WITHOUT_TRACE,
    End,
    child_of,
    dies,
    fails,
    fate,
    is_cancelled_while_it_waits,
    is_claimable,
    is_deleted,
    succeeds,
    succeeds_and_is_cleaned_up,
)
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import hold, job_in, put, status_of, take

pytestmark = pytest.mark.django_db
HOLD, CANCEL, RUN = OnFailure.HOLD, OnFailure.CANCEL, OnFailure.RUN


class TestEnqueuing:
    def test_a_job_waits_until_all_that_it_depends_on_have_succeeded(self) -> None:
        first, second = put(), put()
        child = child_of(first, second)

        assert fate(child) == "waits"
        succeeds(first)
        assert fate(child) == "waits"
        succeeds(second)
        assert fate(child) == "runs"

    def test_parents_whose_ends_are_written_together_count_each(self) -> None:
        worker = make_worker().pk
        held = [hold(worker) for _ in range(3)]
        child = child_of(*(one.id for one in held))

        reports = [encode_report(one.report(Status.SUCCEEDED)) for one in held]
        finish(worker, reports, [one.claimed.id for one in held])

        assert Job.objects.get(pk=child).blockers == 0
        assert fate(child) == "runs"

    def test_what_has_succeeded_already_counts_as_met(self) -> None:
        assert fate(child_of(job_in(Status.SUCCEEDED))) == "runs"

    def test_only_what_is_open_is_waited_for(self) -> None:
        open_ = put()
        child = child_of(job_in(Status.SUCCEEDED), open_)

        assert Job.objects.get(pk=child).blockers == 1
        succeeds(open_)
        assert fate(child) == "runs"

    def test_naming_one_twice_is_naming_it_once(self) -> None:
        parent = put()
        child = enqueue("noop", queue=uuid4().hex, depends_on=[parent, parent]).id

        succeeds(parent)

        assert fate(child) == "runs"

    @pytest.mark.parametrize("status", [Status.FAILED, Status.DEAD, Status.CANCELLED])
    def test_what_ended_already_without_success_is_waited_for_unless_the_policy_is_to_run(self, status: Status) -> None:
        parent = job_in(status)

        assert [fate(child_of(parent, on_failure=policy)) for policy in (HOLD, RUN)] == ["waits", "runs"]

    @pytest.mark.parametrize("unknown", [UUID(int=7), "no id", 5, None])
    def test_an_unknown_job_is_refused_and_nothing_is_stored(self, unknown: Any) -> None:
        parent = put()

        with pytest.raises(InvalidOptionError, match=f"depends_on .*{unknown}"):
            enqueue_many([NewJob(task_type="noop"), NewJob(task_type="noop", depends_on=[parent, unknown])])

        assert list(Job.objects.values_list("pk", flat=True)) == [parent]
        assert not Dependency.objects.exists()

    def test_an_unknown_policy_is_refused_and_nothing_is_stored(self) -> None:
        parent, wrong = put(), "explode"

        with pytest.raises(InvalidOptionError, match="on_failure is 'explode': expected one of hold, cancel, run"):
            enqueue("noop", depends_on=[parent], on_failure=wrong)  # type: ignore[arg-type]

        assert Job.objects.count() == 1

    def test_a_duplicate_by_unique_key_keeps_its_own_dependencies(self) -> None:
        own, other = put(), put()
        child = child_of(own, unique_key="k")

        again = enqueue("noop", unique_key="k", depends_on=[other], on_failure=CANCEL)

        assert (again.id, again.created) == (child, False)
        assert list(Dependency.objects.values_list("job_id", "parent_id")) == [(child, own)]
        fails(other)
        succeeds(own)
        assert fate(child) == "runs"

    def test_children_of_many_jobs_are_stored_in_one_go(self) -> None:
        parents = [put() for _ in range(3)]
        children = enqueue_many(
            NewJob(task_type="noop", queue=f"own-{n}", depends_on=parents[: n + 1]) for n in range(3)
        )

        succeeds(parents[0])

        assert [fate(child.id) for child in children] == ["runs", "waits", "waits"]


class TestParentsEnd:
    @pytest.mark.parametrize("end", ENDS_WITHOUT_SUCCESS)
    @pytest.mark.parametrize(("policy", "expected"), [(HOLD, "waits"), (CANCEL, "cancelled"), (RUN, "runs")])
    def test_the_policy_says_what_follows_an_end_without_success(
        self, end: End, policy: OnFailure, expected: str
    ) -> None:
        parent = put()
        child = child_of(parent, on_failure=policy)

        end(parent)

        assert fate(child) == expected

    @pytest.mark.parametrize("end", ENDS_WITHOUT_TRACE)
    @pytest.mark.parametrize(("policy", "expected"), [(HOLD, "cancelled"), (CANCEL, "cancelled"), (RUN, "runs")])
    def test_nobody_waits_for_what_was_deleted(self, end: End, policy: OnFailure, expected: str) -> None:
        parent = put()
        child = child_of(parent, on_failure=policy)

        end(parent)

        assert fate(child) == expected
        assert not Dependency.objects.filter(parent_id=parent).exists()

    @pytest.mark.parametrize("policy", OnFailure)
    @pytest.mark.parametrize("end", [succeeds, succeeds_and_is_cleaned_up])
    def test_a_success_counts_whatever_becomes_of_the_job_later(self, end: End, policy: OnFailure) -> None:
        parent = put()
        child = child_of(parent, on_failure=policy)

        end(parent)

        assert fate(child) == "runs"

    def test_an_attempt_that_is_retried_is_no_end(self) -> None:
        parent = put()
        children = [child_of(parent, on_failure=policy) for policy in OnFailure]

        take(parent).finish(Status.RETRYING, delay=0.0)

        assert [fate(child) for child in children] == ["waits"] * 3

    def test_a_job_that_is_cancelled_for_another_names_it_and_how_it_ended(self) -> None:
        parent = put()
        child = child_of(parent, on_failure=CANCEL)

        dies(parent)

        job = Job.objects.get(pk=child)
        assert job.error_code == "DEPENDENCY_FAILED"
        assert job.error_message == f"Job {parent}, which this one depends on, ended dead."
        assert job.finished_at is not None

    @pytest.mark.parametrize("end", [fails, is_cancelled_while_it_waits, is_deleted])
    def test_a_cancel_goes_on_through_all_levels_and_stops_where_the_policy_says(self, end: End) -> None:
        top = put()
        second = child_of(top, on_failure=CANCEL)
        third = child_of(second, on_failure=CANCEL)
        running, waiting = child_of(third, on_failure=RUN), child_of(third)

        end(top)

        assert [fate(id_) for id_ in (second, third, running, waiting)] == ["cancelled", "cancelled", "runs", "waits"]

    def test_settling_again_changes_nothing(self) -> None:
        one, other = put(), put()
        child = child_of(one, other)
        succeeds(one)

        with connection.cursor() as cursor:
            for _ in range(3):
                cursor.execute("SELECT jobqueue_settle(%s)", [[one, other]])

        assert Job.objects.get(pk=child).blockers == 1

    def test_one_that_failed_is_enough_to_cancel_whatever_the_others_do(self) -> None:
        good, bad = put(), put()
        child = child_of(good, bad, on_failure=CANCEL)

        fails(bad)
        succeeds(good)

        assert fate(child) == "cancelled"

    def test_a_job_that_waits_for_its_time_too_runs_when_both_have_come(self) -> None:
        parent = put()
        child = child_of(parent, delay=timedelta(hours=1))

        succeeds(parent)

        assert fate(child) == "waits"
        run_now([child])
        assert fate(child) == "runs"


class TestPeople:
    def test_a_held_job_runs_after_somebody_retried_what_it_waits_for(self) -> None:
        parent = put()
        child = child_of(parent)
        fails(parent)

        retry([parent])
        assert fate(child) == "waits"
        succeeds(parent)

        assert fate(child) == "runs"

    def test_run_now_of_a_held_job_is_refused_with_the_reason(self) -> None:
        child = child_of(put())

        assert run_now([child]) == Moved(skipped={child: "waiting for other jobs"})
        assert fate(child) == "waits"

    def test_a_held_job_can_be_cancelled_and_retried_and_waits_as_before(self) -> None:
        parent = put()
        child = child_of(parent)

        assert cancel([child]) == Moved(done=[child])
        assert retry([child]) == Moved(done=[child])

        assert fate(child) == "waits"
        succeeds(parent)
        assert fate(child) == "runs"

    def test_what_is_met_while_a_job_is_cancelled_stays_met_for_its_retry(self) -> None:
        parent = put()
        child = child_of(parent)
        cancel([child])

        succeeds(parent)
        retry([child])

        assert fate(child) == "runs"

    def test_a_held_job_can_be_deleted_with_its_dependencies(self) -> None:
        parent = put()
        child = child_of(parent)

        assert delete([child]) == Moved(done=[child])

        assert not Dependency.objects.exists()
        succeeds(parent)
        assert status_of(parent) == Status.SUCCEEDED

    def test_the_retry_of_a_job_cancelled_for_another_is_refused_as_long_as_that_one_has_not_been_retried(self) -> None:
        parent = put()
        child = child_of(parent, on_failure=CANCEL)
        fails(parent)

        assert retry([child]) == Moved(skipped={child: "a job that it depends on did not succeed"})

        retry([parent])
        assert retry([child]) == Moved(done=[child])
        assert fate(child) == "waits"
        succeeds(parent)
        assert fate(child) == "runs"

    def test_a_job_and_what_was_cancelled_for_it_are_retried_together(self) -> None:
        parent = put()
        child = child_of(parent, on_failure=CANCEL)
        fails(parent)

        assert set(retry([child, parent]).done) == {parent, child}

        assert fate(child) == "waits"
        succeeds(parent)
        assert fate(child) == "runs"

    @pytest.mark.parametrize("policy", [HOLD, CANCEL])
    def test_the_retry_of_a_job_cancelled_because_another_was_deleted_runs_it(self, policy: OnFailure) -> None:
        parent, other = put(), put()
        child = child_of(parent, other, on_failure=policy)
        delete([parent])

        assert retry([child]) == Moved(done=[child])

        assert fate(child) == "waits"
        succeeds(other)
        assert fate(child) == "runs"

    @pytest.mark.parametrize("status", FINISHED)
    def test_the_retry_of_a_parent_does_not_touch_a_child_that_has_run(self, status: Status) -> None:
        parent = put()
        child = child_of(parent)
        succeeds(parent)
        take(child).finish(status)

        retry([parent])
        fails(parent)

        assert status_of(child) == status
        assert is_claimable(child) is False
