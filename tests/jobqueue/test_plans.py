"""How PostgreSQL runs the queue's own statements when the history is long and the statistics are stale."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from jobqueue import claim, cleanup, journal, transitions
from jobqueue.ids import uuid7
from tests.jobqueue.ear import raw_connection

_HISTORY = """
INSERT INTO jobqueue_job (id, task_type, queue, status, run_at, created_at, started_at, finished_at)
SELECT md5(n::text)::uuid, 'type' || n % 5, 'queue' || n % 3,
       (ARRAY['succeeded', 'succeeded', 'succeeded', 'failed', 'dead', 'cancelled'])[1 + n % 6],
       moment, moment, moment, moment
FROM generate_series(1, 200000) AS n, LATERAL (SELECT now() - make_interval(secs => n * 5)) AS m (moment)
"""
# One in five is due, the others lie in the future.
_WAITING = """
INSERT INTO jobqueue_job (id, task_type, queue, priority, run_at)
SELECT md5('w' || n)::uuid, 'type' || n % 5, 'queue' || n % 3, (ARRAY[-50, 0, 50, 100])[1 + n % 4],
       now() + make_interval(secs => (n % 5) * 3600 - n % 977)
FROM generate_series(1, 20000) AS n
"""
_RUNNING = """
UPDATE jobqueue_job SET status = 'running', worker_id = md5('worker')::uuid, claim = 1
WHERE id IN (SELECT id FROM jobqueue_job WHERE status = 'pending' ORDER BY id LIMIT 200)
"""


@pytest.fixture(scope="module", params=["young", "stale", "fresh"])
def long_history(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """200,000 jobs that ended, 20,000 that wait, 200 that run; analysed before or after there were the latter.

    Young: nothing has ended yet, and PostgreSQL still believes the table empty.
    """
    with django_db_blocker.unblock(), raw_connection() as raw:
        raw.execute("ALTER TABLE jobqueue_job SET (autovacuum_enabled = false)")
        raw.execute("TRUNCATE jobqueue_job, jobqueue_attempt, jobqueue_worker CASCADE")
        if request.param != "young":
            raw.execute(_HISTORY)
        raw.execute("ANALYZE jobqueue_job")
        raw.execute(_WAITING)
        raw.execute(_RUNNING)
        if request.param == "fresh":
            raw.execute("ANALYZE jobqueue_job")
        yield
        connection.close()
        raw.execute("TRUNCATE jobqueue_job, jobqueue_attempt, jobqueue_worker CASCADE")
        raw.execute("ALTER TABLE jobqueue_job RESET (autovacuum_enabled)")
        raw.execute("ANALYZE jobqueue_job")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("long_history"), pytest.mark.xdist_group("plans")]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)


def _explain(sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, params)
        ((answer,),) = cursor.fetchall()
    plan: dict[str, Any] = json.loads(answer)[0]["Plan"] if isinstance(answer, str) else answer[0]["Plan"]
    return list(_nodes(plan))


def _ways_to_jobs(nodes: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """How the plan reads the table of jobs: the kind of scan, and the index that it rests on."""
    return {
        (node["Node Type"], _index(node))
        for node in nodes
        if node.get("Relation Name") == "jobqueue_job" and node["Node Type"] != "ModifyTable"
    }


def _index(scan: dict[str, Any]) -> str:
    # A bitmap scan has its index one level below.
    below = next((part["Index Name"] for part in scan.get("Plans", []) if "Index Name" in part), "")
    return str(scan.get("Index Name", below))


def _walks_index_and_looks_up_keys(nodes: list[dict[str, Any]]) -> bool:
    ways = _ways_to_jobs(nodes)
    return ("Index Scan", "job_due") in ways and {index for _, index in ways} == {"job_due", "jobqueue_job_pkey"}


def _kinds(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Node Type"] for node in nodes}


def _claim_plan(queues: list[str] | None, limit: int) -> list[dict[str, Any]]:
    with claim._in_index_order():
        return _explain(claim._CLAIM, {"worker": uuid7(), "limit": limit, "queues": queues})


@pytest.mark.parametrize("queues", [None, ["queue1"], ["queue0", "queue2"], ["no such queue"]])
@pytest.mark.parametrize("limit", [1, 50, 1000])
def test_a_claim_walks_its_index_and_sorts_nothing(queues: list[str] | None, limit: int) -> None:
    plan = _claim_plan(queues, limit)

    assert _walks_index_and_looks_up_keys(plan)
    assert not _kinds(plan) & {"Sort", "Incremental Sort"}


def test_a_claim_that_was_run_ten_times_still_walks_its_index() -> None:
    with transaction.atomic():
        for _ in range(10):
            assert len(claim.claim(uuid7(), 20)) == 20
        plan = _claim_plan(None, 20)

    assert _walks_index_and_looks_up_keys(plan)


@pytest.mark.parametrize("mode", ["force_generic_plan", "auto"])
def test_a_prepared_claim_walks_its_index(mode: str) -> None:
    sql = claim._CLAIM
    for name, number in (("worker", 1), ("limit", 2), ("queues", 3)):
        sql = sql.replace(f"%({name})s", f"${number}")
    execute = f"EXECUTE prepared_claim ('{uuid7()}', 20, NULL)"
    with claim._in_index_order() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        cursor.execute(f"PREPARE prepared_claim (uuid, bigint, text[]) AS {sql}")
        for _ in range(10):
            cursor.execute(execute)
        plan = _explain(execute, {})
        cursor.execute("DEALLOCATE prepared_claim")

    assert _walks_index_and_looks_up_keys(plan)
    assert not _kinds(plan) & {"Sort", "Incremental Sort"}


@pytest.mark.parametrize("queues", [None, ["queue1"]])
def test_the_next_due_time_is_a_probe_of_the_same_index(queues: list[str] | None) -> None:
    with claim._in_index_order():
        plan = _explain(claim._NEXT_DUE, {"queues": queues})

    assert {index for _, index in _ways_to_jobs(plan)} == {"job_due"}
    assert not _kinds(plan) & {"Sort", "Seq Scan", "Bitmap Heap Scan"}


@pytest.mark.parametrize("count", [1, 100, 1000])
def test_finishing_looks_jobs_up_by_their_key(count: int) -> None:
    ids = [str(uuid7()) for _ in range(count)]
    reports = json.dumps(
        [
            {"id": id_, "claim": 1, "number": 1, "started": 1.0, "finished": 2.0, "outcome": "error", "status": "dead"}
            for id_ in ids
        ]
    )

    plan = _explain(transitions._FINISH, {"worker": uuid7(), "reports": reports, "ids": transitions._array(ids)})

    assert {index for _, index in _ways_to_jobs(plan)} == {"jobqueue_job_pkey"}
    assert "Seq Scan" not in {kind for kind, _ in _ways_to_jobs(plan)}


@pytest.mark.parametrize(
    "sql", [transitions._MARK_STARTED, transitions._RELEASE, journal._PROGRESS, journal._CHECKPOINT]
)
def test_whatever_else_a_worker_writes_looks_jobs_up_by_their_key(sql: str) -> None:
    ids = [str(uuid7()) for _ in range(100)]
    params = {"marks": "[]", "news": "[]", "ids": transitions._array(ids), "claims": [1] * 100}

    ways = _ways_to_jobs(_explain(sql, params))

    assert {index for _, index in ways} == {"jobqueue_job_pkey"}


def test_cleaning_up_finds_old_jobs_by_index() -> None:
    params = {"status": "succeeded", "bound": uuid7(), "cut": "2020-01-01T00:00Z", "limit": 1000}

    ways = _ways_to_jobs(_explain(cleanup._DELETE_BATCH, params))

    assert "Seq Scan" not in {kind for kind, _ in ways}
