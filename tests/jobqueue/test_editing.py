"""Editing a job that has not begun."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from jobqueue.api import JobChanges, Moved, cancel, edit, enqueue
from jobqueue.claim import claim
from jobqueue.exceptions import InvalidOptionError, InvalidPayloadError, UnknownTaskTypeError
from jobqueue.models import Job
from jobqueue.states import Priority, Status
from tests.jobqueue.dependents import child_of, fate, succeeds
from tests.jobqueue.ear import Ear
from tests.jobqueue.factories import make_job, make_worker
from tests.jobqueue.lifecycle import job_in, put, status_of, take
from tests.jobqueue.threads import beside, until_one_waits_for_a_lock

pytestmark = pytest.mark.django_db
_NEW_YEAR = datetime(2031, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


def _stored(id_: UUID) -> dict[str, Any]:
    return dict(Job.objects.values().get(pk=id_))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payload", {"number": 7}),
        ("run_at", _NEW_YEAR),
        ("priority", Priority.CRITICAL),
        ("queue", "mail"),
        ("max_attempts", 9),
        ("timeout", timedelta(minutes=3)),
        ("timeout", None),
        ("deadline", _NEW_YEAR),
        ("deadline", None),
        ("tags", ["urgent", "Zürich"]),
        ("tags", []),
    ],
)
def test_each_field_can_be_changed_and_the_others_stay(field: str, value: Any) -> None:
    id_ = enqueue(
        "add_one", {"number": 1}, timeout=_HOUR, deadline=timezone.now() + _HOUR, tags=["old"], delay=_HOUR
    ).id
    before = _stored(id_)

    assert edit(id_, JobChanges(**{field: value})) == Moved(done=[id_])

    assert _stored(id_) == before | {field: value}


def test_several_fields_are_changed_at_once() -> None:
    id_ = enqueue("noop").id

    edit(id_, JobChanges(priority=Priority.HIGH, queue="mail", max_attempts=2))

    job = Job.objects.get()
    assert (job.priority, job.queue, job.max_attempts) == (Priority.HIGH, "mail", 2)


def test_no_changes_change_nothing() -> None:
    id_ = enqueue("noop").id
    before = _stored(id_)

    assert edit(id_, JobChanges()) == Moved(done=[id_])

    assert _stored(id_) == before


@pytest.mark.parametrize("status", [status for status in Status if status != Status.PENDING])
def test_only_a_pending_job_can_be_changed(status: Status) -> None:
    id_ = job_in(status)
    before = _stored(id_)

    assert edit(id_, JobChanges(queue="mail")) == Moved(skipped={id_: status.value})

    assert _stored(id_) == before


def test_a_job_that_does_not_exist_is_reported() -> None:
    id_ = UUID(int=1)

    assert edit(id_, JobChanges(queue="mail")) == Moved(skipped={id_: "unknown job"})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"payload": {"number": "many"}}, "add_one"),
        ({"payload": {"numbr": 1}}, "add_one"),
        ({"payload": [1]}, "add_one"),
        ({"run_at": datetime(2031, 1, 1)}, "run_at is 2031-01-01T00:00:00: expected a time with a time zone."),  # noqa: DTZ001
        ({"run_at": "tomorrow"}, "run_at is 'tomorrow': expected a time with a time zone."),
        ({"run_at": None}, "run_at is None: expected a time with a time zone."),
        ({"deadline": datetime(2031, 1, 1)}, "deadline is .*: expected a time with a time zone."),  # noqa: DTZ001
        ({"deadline": 5}, "deadline is 5: expected a time"),
        ({"priority": 7}, "priority is 7: expected one of LOW"),
        ({"priority": "HIGHER"}, "priority is 'HIGHER': expected one of LOW"),
        ({"queue": ""}, "queue is '': expected 1 to 64 characters"),
        ({"queue": "q" * 65}, "queue is .*: expected 1 to 64 characters"),
        ({"queue": "a\0b"}, "queue is .*: expected 1 to 64 characters without NUL"),
        ({"queue": None}, "queue is None: expected 1 to 64 characters"),
        ({"max_attempts": 0}, "max_attempts is 0: expected 1 to 32767."),
        ({"max_attempts": -3}, "max_attempts is -3: expected 1 to 32767."),
        ({"max_attempts": 40_000}, "max_attempts is 40000: expected 1 to 32767."),
        ({"max_attempts": "three"}, "max_attempts is 'three': expected 1 to 32767."),
        ({"timeout": timedelta()}, "timeout is 0:00:00: expected more than nothing."),
        ({"timeout": timedelta(seconds=-1)}, "timeout is .*: expected more than nothing."),
        ({"timeout": 60}, "timeout is 60: expected a timedelta."),
        ({"tags": "urgent"}, "tags is 'urgent': expected a list of texts."),
        ({"tags": 5}, "tags is 5: expected a list of texts."),
        ({"tags": ["", "b"]}, "tags is '': expected 1 to 64 characters"),
        ({"tags": ["a", 5]}, "tags is 5: expected 1 to 64 characters"),
    ],
)
def test_an_impossible_value_is_refused_with_a_sentence_and_nothing_is_changed(
    changes: dict[str, Any], sentence: str
) -> None:
    id_ = enqueue("add_one", {"number": 1}).id
    Job.objects.update(attempts=2)  # as after a retry by hand of one that was waiting for its next attempt
    before = _stored(id_)

    with pytest.raises((InvalidOptionError, InvalidPayloadError), match=sentence):
        edit(id_, JobChanges(**({"priority": Priority.HIGH} | changes)))

    assert _stored(id_) == before


def test_the_budget_is_never_less_than_what_was_used_of_it() -> None:
    id_ = enqueue("noop").id
    Job.objects.update(attempts=3)

    edit(id_, JobChanges(max_attempts=2))

    assert Job.objects.get().max_attempts == 3


def test_the_payload_of_a_task_type_that_nobody_knows_cannot_be_changed_but_its_queue_can() -> None:
    id_ = make_job(task_type="of_old").pk

    with pytest.raises(UnknownTaskTypeError, match="of_old"):
        edit(id_, JobChanges(payload={}))
    assert edit(id_, JobChanges(queue="mail", run_at=_NEW_YEAR)) == Moved(done=[id_])


def test_a_payload_that_fits_no_more_can_be_mended() -> None:
    id_ = make_job(task_type="hourly_one_by_one", payload={"of": "old"}).pk

    assert edit(id_, JobChanges(payload={"number": 1})) == Moved(done=[id_])

    assert Job.objects.get().payload == {"number": 1}


class TestKeys:
    def test_a_unique_key_that_the_task_types_rule_made_follows_the_payload(self) -> None:
        id_ = enqueue("only_once", {"number": 1}).id

        edit(id_, JobChanges(payload={"number": 2}))

        assert Job.objects.get().unique_key == "only:2"
        assert enqueue("only_once", {"number": 1}).created
        assert enqueue("only_once", {"number": 2}).id == id_

    def test_a_unique_key_with_a_period_follows_the_time(self) -> None:
        run_at = datetime(2031, 1, 1, 12, 30, tzinfo=UTC)
        id_ = enqueue("hourly_one_by_one", {"number": 1}, run_at=run_at).id

        edit(id_, JobChanges(run_at=run_at + _HOUR))

        assert enqueue("hourly_one_by_one", {"number": 1}, run_at=run_at).created
        assert enqueue("hourly_one_by_one", {"number": 1}, run_at=run_at + _HOUR).id == id_

    def test_a_unique_key_that_somebody_chose_stays(self) -> None:
        id_ = enqueue("only_once", {"number": 1}, unique_key="mine").id

        edit(id_, JobChanges(payload={"number": 2}))

        assert Job.objects.get().unique_key == "mine"

    def test_a_key_that_another_job_has_is_refused_and_nothing_is_changed(self) -> None:
        enqueue("only_once", {"number": 2})
        id_ = enqueue("only_once", {"number": 1}).id
        before = _stored(id_)

        assert edit(id_, JobChanges(payload={"number": 2}, queue="mail")) == Moved(
            skipped={id_: "its unique key is taken"}
        )

        assert _stored(id_) == before

    @pytest.mark.parametrize(
        ("before", "after", "key", "limit"),
        [(1, 2, "place:2", 2), (1, 0, None, None), (0, 2, "place:2", 2), (0, 0, None, None)],
    )
    def test_a_concurrency_key_that_the_rule_made_follows_the_payload(
        self, before: int, after: int, key: str | None, limit: int | None
    ) -> None:
        id_ = enqueue("hourly_one_by_one", {"number": before}).id

        edit(id_, JobChanges(payload={"number": after}))

        job = Job.objects.get()
        assert (job.concurrency_key, job.concurrency_limit) == (key, limit)

    def test_a_concurrency_key_that_somebody_chose_stays(self) -> None:
        id_ = enqueue("hourly_one_by_one", {"number": 1}, concurrency_key="mine", concurrency_limit=7).id

        edit(id_, JobChanges(payload={"number": 2}))

        job = Job.objects.get()
        assert (job.concurrency_key, job.concurrency_limit) == ("mine", 7)

    def test_a_job_without_a_place_runs_once_its_payload_asks_for_another_one(self) -> None:
        worker = make_worker().pk
        for hour in range(3):
            enqueue("hourly_one_by_one", {"number": 1}, run_at=timezone.now() - _HOUR * hour)
        assert len(claim(worker, 10)) == 2
        (id_,) = Job.objects.exclude(parked="").values_list("pk", flat=True)

        edit(id_, JobChanges(payload={"number": 2}))

        assert [job.id for job in claim(worker, 10)] == [str(id_)]


def test_a_job_that_waits_for_another_can_be_edited_and_waits_still() -> None:
    parent = put()
    child = child_of(parent)

    edit(child, JobChanges(queue="mail", priority=Priority.HIGH))

    assert fate(child) == "waits"
    succeeds(parent)
    assert fate(child) == "runs"


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_an_edit_that_waits_for_a_claim_is_refused(self) -> None:
        id_ = put()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                take(id_)
                editing = beside(pool, lambda: edit(id_, JobChanges(tags=["late"])))
                until_one_waits_for_a_lock()
            moved = editing.result()

        assert moved == Moved(skipped={id_: "running"})
        assert Job.objects.get().tags == []

    def test_a_claim_passes_by_a_job_that_is_being_edited(self) -> None:
        id_ = put()

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            edit(id_, JobChanges(payload=None, queue="mail"))
            assert beside(pool, lambda: claim(make_worker().pk, 5)).result() == []

        assert len(claim(make_worker().pk, 5, ["mail"])) == 1

    def test_an_edit_that_waits_for_a_cancel_is_refused(self) -> None:
        id_ = put()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                cancel([id_])
                editing = beside(pool, lambda: edit(id_, JobChanges(queue="mail")))
                until_one_waits_for_a_lock()
            moved = editing.result()

        assert (moved, status_of(id_)) == (Moved(skipped={id_: "cancelled"}), Status.CANCELLED)

    def test_an_edit_wakes_the_workers(self) -> None:
        id_ = put(delay=_HOUR)
        make_worker(is_sleeping=True)

        with Ear() as ear:
            edit(id_, JobChanges(run_at=timezone.now()))
            assert ear.count() == 1
