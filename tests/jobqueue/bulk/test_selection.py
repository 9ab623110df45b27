"""What may be chosen, what that holds, and how it is said and stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobqueue.bulk import Selection
from jobqueue.exceptions import InvalidSelectionError
from jobqueue.ids import first_id_at, uuid7
from jobqueue.models import Job
from jobqueue.states import Status
from tests.jobqueue.factories import make_job, make_jobs, make_schedule

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FINGERPRINT = "0123456789abcdef"
EVERYTHING: dict[str, Any] = {
    "ids": (UUID(int=1), UUID(int=2)),
    "statuses": (Status.FAILED, Status.DEAD),
    "task_types": ("noop", "add_one"),
    "queues": ("mail",),
    "since": NOON,
    "until": NOON + timedelta(hours=1),
    "error_codes": ("TIMEOUT",),
    "fingerprint": FINGERPRINT,
    "created_by": 5,
    "schedule": 7,
    "tag": "autumn",
}


def _held(**conditions: Any) -> set[UUID]:
    return {job.pk for job in Selection(**conditions).jobs()}


def _pks(*jobs: Job) -> set[UUID]:
    return {job.pk for job in jobs}


def _made(moment: datetime, status: Status = Status.PENDING, **fields: Any) -> Job:
    id_ = UUID(int=first_id_at(moment).int | uuid4().int >> 66)
    return make_job(status, id=id_, created_at=moment, **fields)


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [
        ({}, "Nothing is chosen"),
        ({"ids": (), "statuses": (), "tag": ""}, "Nothing is chosen"),
        ({"statuses": ("gone",)}, "Unknown status 'gone': expected one of pending, running"),
        ({"since": NOON, "until": NOON}, "must be before until"),
        ({"since": NOON, "until": NOON - timedelta(days=1)}, "must be before until"),
        ({"since": datetime(2026, 1, 1)}, "with a time zone"),  # noqa: DTZ001
        ({"until": datetime(2026, 1, 1)}, "with a time zone"),  # noqa: DTZ001
        ({"fingerprint": "x"}, "expected 16 digits"),
        ({"tag": "a\0b"}, "without NUL"),
        ({"queues": ("",)}, "queues holds ''"),
        ({"task_types": ("noop", "\ud800")}, "task_types holds"),
        ({"ids": tuple(uuid7() for _ in range(50_001))}, "50,001 ids are given: expected at most 50,000"),
        ({"task_types": ("job_queue_bulk",)}, "choose them by their ids"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(conditions: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidSelectionError, match=problem):
        Selection(**conditions)


def test_names_that_operators_use_are_understood() -> None:
    selection = Selection(statuses=("Completed", "processing", "completed"))  # type: ignore[arg-type]

    assert selection.statuses == (Status.RUNNING, Status.SUCCEEDED)


def test_ids_are_kept_once_and_in_order() -> None:
    assert Selection(ids=(UUID(int=3), UUID(int=1), UUID(int=3))).ids == (UUID(int=1), UUID(int=3))


@pytest.mark.parametrize("given", [EVERYTHING, {"created_by": 0}, {"ids": (UUID(int=9),)}, {"until": NOON}])
def test_a_selection_survives_being_stored(given: dict[str, Any]) -> None:
    selection = Selection(**given)

    assert Selection.from_json(json.loads(json.dumps(selection.to_json()))) == selection


def test_only_what_is_given_is_stored_under_json_names() -> None:
    selection = Selection(task_types=("noop",), created_by=5, error_codes=("TIMEOUT",))

    assert selection.to_json() == {"taskTypes": ["noop"], "createdBy": 5, "errorCodes": ["TIMEOUT"]}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"staus": ["failed"]}, "Unknown conditions staus: expected some of ids, statuses, taskTypes"),
        ({"task_types": ["noop"]}, "Unknown conditions task_types"),
        ({"ids": ["17"]}, "ids: Invalid UUID"),
        ({"ids": "all"}, "ids: Expected `array`, got `str`"),
        ({"statuses": ["failed", None]}, "statuses: Expected `str`, got `null`"),
        ({"since": "yesterday"}, "since: Invalid RFC3339"),
        ({"since": "2026-11-24T10:00:00"}, "with a time zone"),
        ({"createdBy": "alice"}, "createdBy: Expected `int | null`, got `str`"),
        ({"createdBy": True}, "createdBy: Expected `int | null`, got `bool`"),
        ({}, "Nothing is chosen"),
    ],
)
def test_json_from_outside_is_checked(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidSelectionError, match=problem.replace("|", r"\|")):
        Selection.from_json(data)


@pytest.mark.parametrize(
    ("conditions", "line"),
    [
        (
            {"statuses": (Status.FAILED,), "task_types": ("game_platform_sync",), "since": NOON},
            "failed jobs of game_platform_sync that finished since 2026-11-24 12:00 UTC",
        ),
        ({"ids": (UUID(int=1),)}, "1 given job"),
        ({"ids": (UUID(int=1), UUID(int=2)), "tag": "x"}, "jobs among 2 given jobs tagged x"),
        (
            {"statuses": (Status.DEAD, Status.FAILED, Status.CANCELLED)},
            "failed, dead or cancelled jobs",
        ),
        (
            {"statuses": (Status.PENDING,), "until": NOON + timedelta(seconds=1)},
            "pending jobs that were created before 2026-11-24 12:00:01 UTC",
        ),
        (
            EVERYTHING,
            (
                "failed or dead jobs among 2 given jobs of noop or add_one in queue mail with error TIMEOUT "
                f"with fingerprint {FINGERPRINT} tagged autumn created by user 5 of schedule 7 "
                "that finished since 2026-11-24 12:00 UTC and before 2026-11-24 13:00 UTC"
            ),
        ),
    ],
)
def test_it_is_said_in_one_line(conditions: dict[str, Any], line: str) -> None:
    assert Selection(**conditions).describe() == line


@pytest.mark.django_db
class TestJobs:
    """What a selection holds."""

    def test_each_condition_alone(self) -> None:
        user, schedule = User.objects.create_user("alice"), make_schedule()
        make_jobs(2)
        by_id, dead = make_job(), make_job(Status.DEAD, error_code="ODD")
        typed, laned = make_job(task_type="add_one"), make_job(queue="mail")
        marked, tagged = make_job(fingerprint=FINGERPRINT), make_job(tags=["spring", "autumn"])
        created, scheduled = make_job(created_by=user), make_job(schedule=schedule)

        assert _held(ids=(by_id.pk, uuid7())) == _pks(by_id)
        assert _held(statuses=(Status.DEAD,)) == _pks(dead)
        assert _held(error_codes=("ODD", "OTHER")) == _pks(dead)
        assert _held(task_types=("add_one",)) == _pks(typed)
        assert _held(queues=("mail",)) == _pks(laned)
        assert _held(fingerprint=FINGERPRINT) == _pks(marked)
        assert _held(tag="autumn") == _pks(tagged)
        assert _held(created_by=user.pk) == _pks(created)
        assert _held(schedule=schedule.pk) == _pks(scheduled)

    def test_conditions_hold_together_and_values_of_one_apart(self) -> None:
        failed, dead = make_job(Status.FAILED), make_job(Status.DEAD)
        make_job(Status.FAILED, queue="mail")
        make_job(Status.SUCCEEDED)

        assert _held(statuses=(Status.FAILED, Status.DEAD), queues=("default",)) == _pks(failed, dead)
        assert _held(ids=(failed.pk, dead.pk), statuses=(Status.DEAD,)) == _pks(dead)

    def test_of_finished_jobs_the_period_is_about_their_end(self) -> None:
        now = timezone.now()
        old = _made(now - timedelta(days=2), Status.FAILED, finished_at=now - timedelta(minutes=10))
        _made(now - timedelta(days=2), Status.FAILED, finished_at=now - timedelta(days=1))

        assert _held(statuses=(Status.FAILED,), since=now - timedelta(hours=1)) == _pks(old)
        assert _held(statuses=(Status.FAILED, Status.DEAD), until=now, since=old.finished_at) == _pks(old)
        assert old.pk not in _held(statuses=(Status.FAILED,), until=old.finished_at)

    @pytest.mark.parametrize("statuses", [(), (Status.FAILED, Status.PENDING)])
    def test_of_others_it_is_about_when_they_were_made(self, statuses: tuple[Status, ...]) -> None:
        now = timezone.now()
        _made(now - timedelta(days=2), Status.FAILED, finished_at=now)
        new = _made(now - timedelta(minutes=10), Status.FAILED, finished_at=now)

        assert _held(statuses=statuses, since=now - timedelta(hours=1)) == _pks(new)
        assert _held(statuses=statuses, until=now - timedelta(minutes=5), since=now - timedelta(hours=1)) == _pks(new)
        assert _held(statuses=statuses, since=datetime(1900, 1, 1, tzinfo=UTC), until=now - timedelta(days=3)) == set()

    def test_filters_never_choose_the_jobs_that_do_such_operations(self) -> None:
        bulk, other = make_job(task_type="job_queue_bulk"), make_job()

        assert _held(statuses=(Status.PENDING,)) == _pks(other)
        assert _held(ids=(bulk.pk,)) == _pks(bulk)
