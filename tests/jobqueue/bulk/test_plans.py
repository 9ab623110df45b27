"""However many jobs there are, those of a selection are found by an index."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from jobqueue.bulk import Selection, batches
from jobqueue.models import Job, Schedule
from jobqueue.restoring import _KEEP, _REMEMBER, _RESTORE
from jobqueue.states import Status
from tests.jobqueue.ear import raw_connection, without_triggers
from tests.jobqueue.factories import make_schedule

_FINGERPRINT = "0123456789abcdef"
_ONE = 999_999_999  # the id of the user and of the schedule

# Of 100 jobs one has failed, one is dead, one is cancelled; the others have succeeded.
_JOBS = """
INSERT INTO jobqueue_job (id, task_type, queue, status, run_at, created_at, started_at, finished_at, error_code,
                          fingerprint, tags, created_by_id, schedule_id)
SELECT ('01900000-' || lpad(to_hex(n / 65536), 4, '0') || '-7000-8000-' || lpad(to_hex(n %% 65536), 12, '0'))::uuid,
       'type' || n %% 7, 'queue' || n %% 3, (ARRAY['failed', 'dead', 'cancelled', 'succeeded'])[least(1 + n %% 100, 4)],
       moment, moment, moment, moment, CASE WHEN n %% 100 < 2 THEN 'TIMEOUT' ELSE '' END,
       CASE WHEN n %% 1000 = 0 THEN '0123456789abcdef' ELSE '' END,
       CASE WHEN n %% 1000 = 1 THEN ARRAY['autumn'] ELSE '{}' END,
       CASE WHEN n %% 1000 = 2 THEN %(one)s END, CASE WHEN n %% 1000 = 3 THEN %(one)s END
FROM generate_series(1, 100000) AS n, LATERAL (SELECT now() - make_interval(secs => (100000 - n) * 5)) AS m (moment)
"""


@pytest.fixture(scope="module")
def many_jobs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """100,000 jobs of half a week."""
    with django_db_blocker.unblock(), raw_connection() as raw:
        raw.execute("TRUNCATE jobqueue_job CASCADE")
        User.objects.create(pk=_ONE, username="planner")
        make_schedule(pk=_ONE)
        with without_triggers(raw):
            raw.execute(_JOBS, {"one": _ONE})
        raw.execute("VACUUM ANALYZE jobqueue_job")
        yield
        raw.execute("TRUNCATE jobqueue_job CASCADE")
        Schedule.objects.all().delete()
        User.objects.all().delete()
        raw.execute("ANALYZE jobqueue_job")
        connection.close()


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("many_jobs"), pytest.mark.xdist_group("plans")]

_FAILURES = (Status.FAILED, Status.DEAD)
SELECTIONS: dict[str, dict[str, Any]] = {
    "ids": {"ids": tuple(UUID(int=n) for n in range(500))},
    "status": {"statuses": (Status.CANCELLED,)},
    "statuses": {"statuses": _FAILURES},
    "status and type": {"statuses": (Status.FAILED,), "task_types": ("type1",)},
    "status and queue": {"statuses": (Status.FAILED,), "queues": ("queue1",)},
    "status and error": {"statuses": _FAILURES, "error_codes": ("TIMEOUT",)},
    "status and end": {"statuses": (Status.FAILED,), "since": timezone.now() - timedelta(hours=1)},
    "statuses and end": {"statuses": _FAILURES, "since": timezone.now() - timedelta(hours=1)},
    "fingerprint": {"fingerprint": _FINGERPRINT},
    "fingerprint and status": {"fingerprint": _FINGERPRINT, "statuses": (Status.FAILED,)},
    "creator": {"created_by": _ONE},
    "schedule": {"schedule": _ONE},
    "tag": {"tag": "autumn"},
    "tag and status": {"tag": "autumn", "statuses": _FAILURES},
    "creation": {"since": timezone.now() - timedelta(hours=1)},
}


def _scans(jobs: QuerySet[Any]) -> list[tuple[str, str]]:
    """How the plan reads the table of jobs: the kind of scan, and the index."""
    plan = json.loads(jobs.explain(format="json"))[0]["Plan"]
    return [_scan(node) for node in _nodes(plan) if node.get("Relation Name") == "jobqueue_job"]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)


def _scan(node: dict[str, Any]) -> tuple[str, str]:
    indexes = [part["Index Name"] for part in _nodes(node) if "Index Name" in part]
    return node["Node Type"], "+".join(indexes)


@pytest.mark.parametrize("name", SELECTIONS)
def test_counting_them_reads_no_other_jobs(name: str) -> None:
    counted = Selection(**SELECTIONS[name]).jobs().order_by().values("task_type", "status", "error_code")

    scans = _scans(counted.annotate(count=Count("id")))

    assert scans
    assert "Seq Scan" not in {kind for kind, _ in scans}


@pytest.mark.parametrize("name", SELECTIONS)
def test_each_batch_is_found_by_an_index(name: str) -> None:
    selection = Selection(**SELECTIONS[name])

    for jobs in selection.walks():
        some = jobs.filter(id__lte=batches.last_id(), id__gt=UUID(int=5)).values_list("id", flat=True)[:1000]
        assert "Seq Scan" not in {kind for kind, _ in _scans(some)}


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("status", "job_by_status"),
        ("statuses and end", "job_by_failure_time"),
        ("status and end", "job_by_failure_time"),
        ("fingerprint", "job_by_fingerprint"),
        ("creator", "job_by_creator"),
        ("schedule", "job_by_schedule"),
        ("tag", "job_by_tag"),
    ],
)
def test_each_has_the_index_that_is_made_for_it(name: str, index: str) -> None:
    assert {used for _, used in _scans(Selection(**SELECTIONS[name]).jobs().order_by())} == {index}


def test_a_batch_of_a_status_is_a_walk_along_the_index_without_a_sort() -> None:
    (jobs,) = Selection(statuses=(Status.SUCCEEDED,)).walks()
    plan = json.loads(jobs.filter(id__gt=UUID(int=5)).values_list("id", flat=True)[:1000].explain(format="json"))

    assert "Sort" not in {node["Node Type"] for node in _nodes(plan[0]["Plan"])}


@pytest.mark.parametrize("sql", [_REMEMBER, _KEEP, _RESTORE])
def test_remembering_and_restoring_look_jobs_up_by_their_key(sql: str) -> None:
    ids = list(Job.objects.values_list("pk", flat=True)[:1000])
    params: dict[str, Any] = {
        "operation": UUID(int=1), "ids": ids, "done": ids, "skipped": ids, "statuses": ["failed"], "left": "pending",
        "waiting": ["pending", "retrying"],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql.replace("{users}", "auth_user").replace("{key}", "id"), params)
        ((answer,),) = cursor.fetchall()
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    scans = [_scan(node) for node in _nodes(plan) if node.get("Relation Name") == "jobqueue_job"]

    assert "Seq Scan" not in {kind for kind, _ in scans}


def test_several_statuses_come_as_one_in_the_order_of_their_ids() -> None:
    found = batches.next_ids(
        Selection(statuses=(Status.FAILED, Status.DEAD, Status.CANCELLED)),
        after=None,
        until=batches.last_id(),
        limit=1000,
    )

    wanted = Job.objects.filter(status__in=("failed", "dead", "cancelled")).order_by("id").values_list("id", flat=True)
    assert found == list(wanted[:1000])
