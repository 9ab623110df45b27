"""What a claim costs beside a million finished jobs and a hundred thousand that wait, by the pages that it touches."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from jobqueue import claim, housekeeping
from jobqueue.ids import uuid7
from jobqueue.models import Job
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause
from jobqueue.states import Parked
from tests.jobqueue.ear import raw_connection, without_triggers
from tests.jobqueue.explaining import nodes
from tests.jobqueue.factories import make_worker
from tests.jobqueue.worker.waiting import eventually

pytestmark = [pytest.mark.django_db, pytest.mark.fault, pytest.mark.xdist_group("scale")]

_TABLES = "jobqueue_job, jobqueue_attempt, jobqueue_worker, jobqueue_dependency, jobqueue_pause"
_HISTORY = """
INSERT INTO jobqueue_job (id, task_type, queue, status, run_at, created_at, started_at, finished_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, 'type' || n % 50, 'queue' || n % 20,
       (ARRAY['succeeded', 'succeeded', 'succeeded', 'failed', 'dead', 'cancelled'])[1 + n % 6],
       moment, moment, moment, moment
FROM generate_series(1, 1000000) AS n, LATERAL (SELECT now() - make_interval(secs => n)) AS m (moment)
"""
# All due. Every tenth has a concurrency key, every twentieth waits for one that is before it.
_WAITING = """
INSERT INTO jobqueue_job (id, task_type, queue, priority, run_at, concurrency_key, concurrency_limit, blockers)
SELECT ('8' || lpad(to_hex(n), 31, '0'))::uuid, 'type' || n % 50, 'queue' || (n / 50) % 20,
       (ARRAY[-50, 0, 50, 100])[1 + (n / 7) % 4],
       now() - make_interval(secs => 200000 - n),
       CASE WHEN n % 10 = 0 THEN 'key' || n % 30 END, CASE WHEN n % 10 = 0 THEN 3 END, (n % 20 = 1)::int
FROM generate_series(1, {number}) AS n
"""
_DEPENDENCIES = """
INSERT INTO jobqueue_dependency (job_id, parent_id, on_failure, is_met)
SELECT ('8' || lpad(to_hex(n), 31, '0'))::uuid, ('8' || lpad(to_hex(n + 1), 31, '0'))::uuid, 'hold', false
FROM generate_series(1, {number}, 20) AS n
"""
# Whoever may still see what was claimed before, such as an automatic ANALYZE; or writes still since before that, in any
# database of the server, such as a test beside this one. Until they end, each claim has to step over those jobs' index
# entries, because PostgreSQL must keep them.
_OLDER_TRANSACTIONS = """
SELECT 1 FROM pg_stat_activity
WHERE age(backend_xid) > age(%(now)s::xid8::xid)
   OR datname = current_database() AND pid <> pg_backend_pid() AND age(backend_xmin) > age(%(now)s::xid8::xid)
"""
_PAUSED = ((PauseScope.QUEUE, "queue3"), (PauseScope.QUEUE, "queue11"), (PauseScope.TASK_TYPE, "type7"))
_BATCH = 100
_QUEUES: list[list[str]] = [[], ["queue5", "queue6"]]


class Cost(NamedTuple):
    """Of one claim."""

    pages: int
    rows: int


@pytest.fixture
def fresh_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), raw_connection() as raw:
        raw.execute(f"TRUNCATE {_TABLES} CASCADE")
        yield
        connection.close()
        raw.execute(f"TRUNCATE {_TABLES} CASCADE")
        raw.execute("ANALYZE jobqueue_job")


def _fill(history: str, *waiting: str) -> None:
    with raw_connection() as raw:
        raw.execute(f"TRUNCATE {_TABLES} CASCADE")
        with without_triggers(raw):
            raw.execute(history)
        for statement in waiting:
            raw.execute(statement)
        raw.execute("VACUUM ANALYZE jobqueue_job")


def _cost(queues: list[str]) -> Cost:
    """A claim that is carried out and taken back, once the caches are warm."""
    sql = claim._CLAIM_SOME if queues else claim._CLAIM_ALL
    params: dict[str, Any] = {"worker": uuid7(), "limit": _BATCH, **claim._lanes(queues)}
    with claim._in_index_order() as cursor:
        for _ in range(2):
            before = transaction.savepoint_create()
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING OFF) " + sql, params)
            ((answer,),) = cursor.fetchall()
            transaction.savepoint_rollback(before)
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    _check(plan)
    (walk,) = _walks(plan)
    return Cost(walk["Shared Hit Blocks"] + walk["Shared Read Blocks"], int(plan["Actual Rows"]))


def _check(plan: dict[str, Any]) -> None:
    steps = list(nodes(plan))
    scans = {node["Node Type"] for node in steps if node.get("Relation Name") == "jobqueue_job"} - {"ModifyTable"}
    assert scans <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}
    assert not {node["Node Type"] for node in steps} & {"Sort", "Incremental Sort"}


def _walks(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in nodes(plan) if node.get("Index Name", "").startswith("job_due")]


def _costs_beside(history: str, number: int) -> list[Cost]:
    """Of a claim after some others, beside this history and so many jobs that wait or are held back."""
    _fill(history, _WAITING.format(number=number), _DEPENDENCIES.format(number=number))
    for scope, name in _PAUSED:
        pause(reason="test", scope=scope, name=name)
    housekeeping.keep()
    for _ in range(3):
        claim.claim(make_worker().pk, 1_000)
    assert Job.objects.filter(parked=Parked.PAUSED).count() > 1_000 < Job.objects.filter(blockers__gt=0).count()
    assert Job.objects.filter(parked=Parked.LIMITED).exists()
    _outlive_older_transactions()
    return [_cost(queues) for queues in _QUEUES]


def _outlive_older_transactions() -> None:
    with raw_connection() as raw:
        ((now,),) = raw.execute("SELECT pg_current_xact_id()::text")
        older = partial(raw.execute, _OLDER_TRANSACTIONS, {"now": now})
        eventually(lambda: not older().fetchall(), "nobody may see what was claimed before", seconds=600)


@pytest.mark.django_db(transaction=True)
def test_a_claim_costs_what_it_costs_in_a_young_queue(fresh_tables: None) -> None:
    in_young = _costs_beside("SELECT 1", 24_000)
    in_old = _costs_beside(_HISTORY, 100_000)

    for queues, young, old in zip(_QUEUES, in_young, in_old, strict=True):
        assert old.rows == young.rows == _BATCH, queues
        assert old.pages <= young.pages * 1.2, queues
