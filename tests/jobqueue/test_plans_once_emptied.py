"""Plans while PostgreSQL believes that there are no jobs, because it looked when there were none."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from jobqueue import transitions
from jobqueue.api import NewJob, enqueue_many
from jobqueue.bulk import BulkOperation, BulkVerb, Selection, begin, undo
from jobqueue.claim import claim
from jobqueue.models import Job
from jobqueue.states import AttemptOutcome, Status
from jobqueue.transitions import by_people, by_workers
from tests.jobqueue.audited import ALICE
from tests.jobqueue.ear import raw_connection, without_triggers
from tests.jobqueue.explaining import nodes
from tests.jobqueue.factories import make_worker

_MANY = 500
_FEW_PER_JOB = 5
_GONE = """
INSERT INTO jobqueue_job (id, task_type, queue, status, run_at, created_at, started_at, finished_at)
SELECT gen_random_uuid(), 'noop', 'default', 'succeeded', now(), now(), now(), now() FROM generate_series(1, 20000)
"""


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


@pytest.fixture
def ids(emptied: None, db: None) -> list[UUID]:
    """Jobs that wait, among many more."""
    enqueue_many([NewJob(task_type="noop", queue="others")] * (20 * _MANY))
    jobs = [NewJob(task_type="noop", concurrency_key=f"key {at}") for at in range(_MANY)]
    return [one.id for one in enqueue_many(jobs)]


pytestmark = pytest.mark.xdist_group("plans")


def _most_rows(act: Callable[[], object]) -> int:
    """The most rows that one step of any statement reads, or compares, while something is done."""
    most = [0]

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "jobqueue_job" in sql and sql.lstrip().startswith(("WITH", "UPDATE", "DELETE")):
            most.append(_rows(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        act()
    assert len(most) > 1
    return max(most)


def _rows(sql: str, params: Any) -> int:
    # In a connection's own cursor, for the wrapper must not explain its explanation.
    with transaction.atomic(), connection.connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) " + sql, params)
        ((answer,),) = cursor.fetchall()
        transaction.set_rollback(True)
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    counts = "Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter"
    return int(max(sum(node.get(name, 0) for name in counts) * node["Actual Loops"] for node in nodes(plan)))


@pytest.mark.parametrize(
    "verb", [by_people.cancel, by_people.retry, by_people.run_now, by_people.delete], ids=lambda verb: verb.__name__
)
def test_what_people_do_to_many_jobs_reads_each_a_few_times(verb: Callable[..., object], ids: list[UUID]) -> None:
    assert _most_rows(lambda: verb(ids)) <= _FEW_PER_JOB * _MANY


def test_claiming_and_finishing_do_so_too(ids: list[UUID]) -> None:
    worker = make_worker().pk
    transitions.cancel(ids[:1])

    def work() -> None:
        held = [(job.id, job.claim) for job in claim(worker, _MANY, ["default"])]
        assert len(held) == _MANY - 1
        reports = [
            {
                "id": id_, "claim": number, "number": 1, "started": 1.0, "finished": 2.0,
                "outcome": AttemptOutcome.ERROR.value, "status": Status.DEAD.value,
            }
            for id_, number in held
        ]  # fmt: skip
        assert by_workers.finish(worker, [json.dumps(report).encode() for report in reports], [id_ for id_, _ in held])

    assert _most_rows(work) <= _FEW_PER_JOB * _MANY


def test_an_operation_on_many_does_so_too_and_its_undoing_compares_at_most_those_of_a_batch(ids: list[UUID]) -> None:
    operation: list[BulkOperation] = []

    def act() -> None:
        operation.append(begin(BulkVerb.CANCEL, Selection(ids=tuple(ids)), ALICE))

    assert _most_rows(act) <= _FEW_PER_JOB * _MANY
    assert operation[0].done == _MANY
    assert _most_rows(lambda: undo(operation[0], ALICE)) <= _MANY * _MANY
    assert not Job.objects.filter(status=Status.CANCELLED).exists()
