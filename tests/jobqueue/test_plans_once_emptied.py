"""Plans while PostgreSQL believes that there are no jobs, because it looked when there were none."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from jobqueue import places
from jobqueue.api import NewJob, enqueue_many
from jobqueue.claim import claim
from jobqueue.ids import uuid7
from jobqueue.transitions import by_people, by_workers
from tests.jobqueue.ear import raw_connection, without_triggers
from tests.jobqueue.factories import make_worker

_MANY = 1_000
_GONE = """
INSERT INTO jobqueue_job (id, task_type, queue, status, run_at, created_at, started_at, finished_at)
SELECT gen_random_uuid(), 'noop', 'default', 'succeeded', now(), now(), now(), now() FROM generate_series(1, 20000)
"""
_REPORT = {"claim": 1, "number": 1, "started": 1.0, "finished": 2.0, "outcome": "error", "status": "dead"}


@pytest.fixture(scope="module")
def emptied(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A table of many pages and no rows, as it is after a queue that keeps nothing has run dry."""
    with django_db_blocker.unblock(), raw_connection() as raw:
        raw.execute("ALTER TABLE jobqueue_job SET (autovacuum_enabled = false)")
        raw.execute("TRUNCATE jobqueue_job CASCADE")
        with without_triggers(raw):
            raw.execute(_GONE)
            raw.execute("DELETE FROM jobqueue_job")
        raw.execute("ANALYZE jobqueue_job")
        yield
        connection.close()
        raw.execute("TRUNCATE jobqueue_job CASCADE")
        raw.execute("ALTER TABLE jobqueue_job RESET (autovacuum_enabled)")
        raw.execute("ANALYZE jobqueue_job")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("emptied"), pytest.mark.xdist_group("plans")]


def _enqueued() -> list[UUID]:
    jobs = [NewJob(task_type="noop", concurrency_key=f"key {at}") for at in range(_MANY)]
    return [one.id for one in enqueue_many(jobs)]


def _compared(sql: str, params: dict[str, Any]) -> int:
    """How many pairs of rows the statement compares in vain."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) " + sql, params)
        ((answer,),) = cursor.fetchall()
        transaction.set_rollback(True)
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return sum(node.get("Rows Removed by Join Filter", 0) * node["Actual Loops"] for node in _nodes(plan))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)


@pytest.mark.parametrize("sql", [by_people._RETRY, by_people._RUN_NOW, by_people._CANCEL, by_people._DELETE])
def test_what_people_do_to_many_jobs_compares_no_job_with_each_other(sql: str) -> None:
    params = {"ids": _enqueued(), "delay": timedelta(), "by": None, "reason": ""}

    assert _compared(sql, params) <= _MANY


def test_finishing_compares_no_job_with_each_other() -> None:
    ids = [str(id_) for id_ in _enqueued()]
    worker = make_worker().pk
    assert len(claim(worker, _MANY)) == _MANY
    reports = json.dumps([{"id": id_, **_REPORT} for id_ in ids])
    params = {"worker": worker, "slot": 7, "reports": reports, "ids": by_workers._array(ids)}

    assert _compared(by_workers._FINISH, params) <= _MANY


def test_counting_places_compares_no_job_with_each_other() -> None:
    _enqueued()
    compared = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql is places._PARK:
            compared.append(_compared(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        claim(uuid7(), _MANY)

    assert len(compared) == 1
    assert compared[0] <= _MANY
