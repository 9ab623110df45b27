"""`assert_enqueued` and its like, and what they say when they fail."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from jobqueue.api import Priority, enqueue
from jobqueue.exceptions import InvalidPayloadError
from jobqueue.models import AuditEntry
from jobqueue.states import Status
from jobqueue.testing import (
    JobQueueAssertions,
    allow_audit_flush,
    assert_enqueued,
    assert_nothing_enqueued,
    enqueued_jobs,
    run_due_jobs,
)
from tests.jobqueue.sample.jobs import Number, add_one
from tests.jobqueue.sample.tasks import add

pytestmark = pytest.mark.django_db


def failure(*arguments: object, **options: object) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_enqueued(*arguments, **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_job_is_found_by_name_handler_and_payload() -> None:
    id_ = enqueue("add_one", {"number": 3}).id

    for task_type in ("add_one", add_one):
        for payload in ({"number": 3}, Number(number=3)):
            assert [job.pk for job in assert_enqueued(task_type, payload)] == [id_]
    assert_enqueued("add_one")


def test_fields_left_out_of_the_payload_have_their_default() -> None:
    enqueue("add_one", {"number": 0})

    assert_enqueued("add_one", {})


def test_a_task_is_found_by_its_function() -> None:
    add.enqueue(1, 2)

    assert_enqueued(add, {"args": [1, 2]})


def test_options_are_compared() -> None:
    run_at = timezone.now() + timedelta(days=1)
    options = {"queue": "mail", "priority": Priority.HIGH, "run_at": run_at, "tags": ["x"], "unique_key": "k"}
    enqueue("noop", **options)  # type: ignore[arg-type]

    assert_enqueued("noop", **options)  # type: ignore[arg-type]
    assert_enqueued("noop", queue="letters", count=0)
    assert 'queue "letters"; found 0' in failure("noop", queue="letters")


def test_the_number_is_exact() -> None:
    enqueue("noop")
    enqueue("noop")

    assert_enqueued("noop", count=2)
    assert failure("noop").startswith("Expected 1 job of 'noop'; found 2. Enqueued:\n  noop: payload {}")


def test_a_failure_shows_what_was_enqueued_instead_the_nearest_first() -> None:
    enqueue("noop")
    enqueue("add_one", {"number": 4})

    assert failure("add_one", {"number": 5}) == (
        "Expected 1 job of 'add_one', payload {\"number\": 5}; found 0. Enqueued:\n"
        '  add_one: payload {"number": 4}, queue "default", status "pending"\n'
        '  noop: payload {}, queue "default", status "pending"'
    )


def test_a_failure_says_that_nothing_was_enqueued() -> None:
    assert failure("noop") == "Expected 1 job of 'noop'; nothing was enqueued."


def test_a_long_list_is_cut() -> None:
    for _ in range(22):
        enqueue("noop")

    assert failure("noop").endswith("\n  and 2 more")


def test_a_payload_that_cannot_be_is_an_error_of_the_test() -> None:
    with pytest.raises(InvalidPayloadError):
        assert_enqueued("add_one", {"nubmer": 5})


def test_jobs_that_ran_count_unless_a_status_is_asked_for() -> None:
    enqueue("noop")
    run_due_jobs()

    assert_enqueued("noop", status=Status.SUCCEEDED)
    assert_enqueued("noop", status=Status.PENDING, count=0)
    assert [job.status for job in enqueued_jobs("noop")] == ["succeeded"]


def test_nothing_is_asserted() -> None:
    assert_nothing_enqueued()
    enqueue("noop")
    assert_nothing_enqueued("add_one")

    with pytest.raises(AssertionError, match="Expected no job to be enqueued, found 1:\n  noop: "):
        assert_nothing_enqueued()
    with pytest.raises(AssertionError, match="Expected no job of 'noop' to be enqueued"):
        assert_nothing_enqueued("noop")


class TestInATestCase(JobQueueAssertions, TestCase):
    """The mixin's methods are the functions."""

    def test_its_methods(self) -> None:
        self.assertNothingEnqueued()
        enqueue("add_one", {"number": 1})
        self.assertEnqueued(add_one, {"number": 1})
        assert self.run_due_jobs().succeeded == 1


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_may_write_audit_entries() -> None:
    # What follows it, the flush of all tables, would fail otherwise.
    AuditEntry.objects.create(number=1, at=timezone.now(), actor="alice", channel="cli", action="A", object_type="job")


def test_the_audit_log_of_no_test_database_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "production")

    with pytest.raises(RuntimeError, match="'production' is no test database"):
        allow_audit_flush()
