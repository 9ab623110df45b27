"""One job enqueued: what is stored, and what is refused with nothing stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from jobqueue.api import enqueue
from jobqueue.exceptions import InvalidOptionError, InvalidPayloadError, JobQueueError, UnknownTaskTypeError
from jobqueue.models import Job
from jobqueue.states import Priority, Status
from tests.jobqueue.letters import Letter, letters
from tests.jobqueue.sample.jobs import Number

pytestmark = pytest.mark.django_db
TOMORROW = datetime(2030, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


def test_a_job_without_options_is_pending_and_due() -> None:
    before = timezone.now()

    enqueued = enqueue("noop")

    job = Job.objects.get()
    assert enqueued.created
    assert enqueued.id == job.id
    assert (job.task_type, job.payload, job.status, job.queue) == ("noop", {}, Status.PENDING, "default")
    assert (job.priority, job.attempts, job.max_attempts) == (Priority.NORMAL, 0, 5)
    assert before <= job.run_at <= timezone.now()
    assert (job.finished_at, job.started_at, job.worker_id, job.unique_key, job.claim) == (None, None, None, None, 0)


def test_every_option_is_stored() -> None:
    alice = User.objects.create_user("alice")
    parent = enqueue("noop").id

    id_ = enqueue(
        "add_one",
        Number(number=7),
        run_at=TOMORROW,
        priority=Priority.CRITICAL,
        queue="mail",
        unique_key="k",
        max_attempts=2,
        timeout=timedelta(minutes=3),
        deadline=TOMORROW + timedelta(hours=1),
        created_by=alice.pk,
        tags=["a, b", 'with "quotes"', "ünï"],
        parent=parent,
    ).id

    job = Job.objects.get(pk=id_)
    assert job.payload == {"number": 7}
    assert (job.run_at, job.deadline) == (TOMORROW, TOMORROW + timedelta(hours=1))
    assert (job.priority, job.queue, job.unique_key) == (Priority.CRITICAL, "mail", "k")
    assert (job.max_attempts, job.timeout) == (2, timedelta(minutes=3))
    assert (job.created_by, job.parent_id) == (alice, parent)
    assert job.tags == ["a, b", 'with "quotes"', "ünï"]


def test_a_delay_counts_from_now() -> None:
    before = timezone.now()

    id_ = enqueue("noop", delay=timedelta(hours=2)).id

    assert before <= Job.objects.get(pk=id_).run_at - timedelta(hours=2) <= timezone.now()


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    moment = datetime.fromisoformat("2030-06-01T12:00:00+05:30")

    assert Job.objects.get(pk=enqueue("noop", run_at=moment).id).run_at == moment


def test_attempts_and_timeout_come_from_the_task_type_and_its_overrides(settings: Settings) -> None:
    assert Job.objects.get(pk=enqueue("nap").id).max_attempts == 3

    settings.JOB_QUEUE = {"TASK_TYPES": {"nap": {"max_attempts": 9}}}

    assert Job.objects.get(pk=enqueue("nap").id).max_attempts == 9


def test_ids_grow_in_the_order_of_enqueuing() -> None:
    ids = [enqueue("noop").id for _ in range(50)]

    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"run_at": datetime(2030, 1, 1)}, "run_at is 2030-01-01T00:00:00: expected a time with a time zone"),  # noqa: DTZ001
        ({"deadline": datetime(2030, 1, 1)}, "deadline is 2030.* expected a time with a time zone"),  # noqa: DTZ001
        ({"run_at": TOMORROW, "delay": timedelta(1)}, "Give run_at or delay, not both"),
        ({"delay": timedelta(seconds=-1)}, "delay is -1 day, 23:59:59: expected no negative time"),
        ({"delay": timedelta.max}, "delay is 999999999 days.* after the year 9999"),
        ({"timeout": timedelta()}, "timeout is 0:00:00: expected more than nothing"),
        ({"timeout": timedelta(seconds=-3)}, "timeout is .*: expected more than nothing"),
        ({"max_attempts": 0}, "max_attempts is 0: expected 1 to 32767"),
        ({"max_attempts": -1}, "max_attempts is -1"),
        ({"max_attempts": 32_768}, "max_attempts is 32768"),
        ({"priority": 7}, r"priority is 7: expected one of LOW \(-50\), NORMAL \(0\), HIGH \(50\), CRITICAL \(100\)"),
        ({"priority": "HIGH"}, "priority is 'HIGH': expected one of LOW"),
        ({"queue": ""}, "queue is '': expected 1 to 64 characters"),
        ({"queue": "q" * 65}, "queue is 'qqq.*: expected 1 to 64"),
        ({"queue": "a\0b"}, r"queue is 'a\\x00b': expected .* without NUL"),
        ({"queue": "\ud800"}, r"queue is '\\ud800': expected"),
        ({"queue": 5}, "queue is 5: expected 1 to 64 characters"),
        ({"unique_key": ""}, "unique_key is ''"),
        ({"unique_key": "k" * 256}, "unique_key is 'kkk.*: expected 1 to 255"),
        ({"unique_key": "\0"}, r"unique_key is '\\x00'"),
        ({"tags": ["fine", "a\0"]}, r"tags is 'a\\x00'"),
        ({"tags": [""]}, "tags is ''"),
    ],
)
def test_an_impossible_option_is_refused_and_nothing_is_stored(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidOptionError, match=problem):
        enqueue("noop", **options)

    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("task_type", "payload", "problem"),
    [
        ("add_one", {"numbr": 1}, "Invalid payload for 'add_one': Object contains unknown field `numbr`"),
        ("add_one", {"number": "1"}, "Expected `int`, got `str`"),
        ("add_one", Number(number="1"), "Expected `int`, got `str`"),  # type: ignore[arg-type]
        ("add_one", Letter(text="1"), "Expected Number or a mapping, got Letter"),
        ("add_one", [1], "Expected Number or a mapping, got list"),
        ("letter", {"text": "a\0"}, r"U\+0000"),
        ("letter", {"text": "\ud800"}, "surrogates not allowed"),
        ("add_one", {"number": 10**5000}, "limit"),
        ("nap", {"seconds": float("nan")}, "Expected `float`, got `null`"),
        ("noop", {"x": 1}, "unknown field `x`"),
    ],
)
def test_a_payload_that_does_not_fit_is_refused_and_nothing_is_stored(
    task_type: str, payload: Any, problem: str
) -> None:
    with letters(), pytest.raises(InvalidPayloadError, match=problem) as caught:
        enqueue(task_type, payload)

    assert caught.value.task_type == task_type
    assert not Job.objects.exists()


def test_an_unknown_task_type_is_refused_with_the_known_ones_and_nothing_is_stored() -> None:
    with pytest.raises(UnknownTaskTypeError, match=r"'nope'.*Known task types: .*add_one"):
        enqueue("nope")

    assert not Job.objects.exists()


@pytest.mark.parametrize("rule", [lambda _: 1 / 0, lambda _: 5, lambda _: "", lambda _: "k" * 256])
def test_a_broken_uniqueness_rule_is_an_error_of_the_queue_that_says_so(rule: Any) -> None:
    with letters(unique=rule), pytest.raises(JobQueueError, match="unique"):
        enqueue("letter")

    assert not Job.objects.exists()


def test_all_errors_of_enqueuing_have_one_base() -> None:
    wrong: list[tuple[str, Any, str]] = [("nope", None, "q"), ("noop", {"x": 1}, "q"), ("noop", None, "")]
    for task_type, payload, queue in wrong:
        with pytest.raises(JobQueueError):
            enqueue(task_type, payload, queue=queue)
