"""How PostgreSQL runs the queue's own statements when the history is long and the statistics are stale."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from pytest_django import DjangoDbBlocker

from jobqueue import claim, cleanup, journal, parking, places, settling
from jobqueue.floors import Floors
from jobqueue.ids import uuid7
from jobqueue.planner import by_index
from jobqueue.states import Status
from jobqueue.transitions import by_rules, by_workers
from tests.jobqueue.ear import raw_connection, without_triggers
from tests.jobqueue.explaining import nodes

_TABLES = "jobqueue_job, jobqueue_attempt, jobqueue_worker, jobqueue_dependency"
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


# Every tenth of those that wait has a concurrency key, every fifth job that runs, too; every fortieth waits for one.
_KEYS = """
UPDATE jobqueue_job SET concurrency_key = 'key' || abs(hashtext(id::text)) % 50, concurrency_limit = 3
WHERE status IN ('pending', 'running') AND abs(hashtext(id::text)) % 10 = 0
"""
_LIMITED = """
UPDATE jobqueue_job SET parked = 'limited', blockers = 1
WHERE status = 'pending' AND concurrency_key IS NOT NULL AND abs(hashtext(id::text)) % 20 = 0
"""
_PAUSED = """
UPDATE jobqueue_job SET parked = 'paused', blockers = 1
WHERE status = 'pending' AND blockers = 0 AND queue = 'queue2' AND abs(hashtext(id::text)) % 7 = 0
"""
_DEPENDENT = """
WITH edge AS (
    INSERT INTO jobqueue_dependency (job_id, parent_id, on_failure, is_met)
    SELECT waiting.id, parent.id, 'hold', false
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM jobqueue_job
          WHERE status = 'pending' AND blockers = 0 AND abs(hashtext(id::text)) % 40 = 1) AS waiting
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM jobqueue_job WHERE status = 'running') AS parent
      ON parent.n = 1 + waiting.n % 200
    RETURNING job_id
)
UPDATE jobqueue_job SET blockers = 1 WHERE id IN (SELECT job_id FROM edge)
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
        raw.execute(f"TRUNCATE {_TABLES} CASCADE")
        if request.param != "young":
            with without_triggers(raw):
                raw.execute(_HISTORY)
        raw.execute("ANALYZE jobqueue_job")
        raw.execute(_WAITING)
        for made in (_RUNNING, _KEYS, _LIMITED, _PAUSED, _DEPENDENT):
            raw.execute(made)
        if request.param == "fresh":
            raw.execute("ANALYZE jobqueue_job")
        yield
        connection.close()
        raw.execute(f"TRUNCATE {_TABLES} CASCADE")
        raw.execute("ALTER TABLE jobqueue_job RESET (autovacuum_enabled)")
        raw.execute("ANALYZE jobqueue_job")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("long_history"), pytest.mark.xdist_group("plans")]


def _explain(sql: str, params: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, params)
        ((answer,),) = cursor.fetchall()
    plan: dict[str, Any] = json.loads(answer)[0]["Plan"] if isinstance(answer, str) else answer[0]["Plan"]
    return list(nodes(plan))


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


def _walks_index_and_looks_up_keys(nodes: list[dict[str, Any]], queues: list[str]) -> bool:
    ways, due = _ways_to_jobs(nodes), _due(queues)
    return ("Index Scan", due) in ways and {index for _, index in ways} == {due, "jobqueue_job_pkey"}


def _due(queues: list[str]) -> str:
    return "job_due_in_queue" if queues else "job_due"


def _kinds(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Node Type"] for node in nodes}


def _claim_sql(queues: list[str]) -> str:
    return claim._CLAIM_SOME if queues else claim._CLAIM_ALL


def _claim_plan(queues: list[str], limit: int) -> list[dict[str, Any]]:
    with claim._in_index_order():
        return _explain(_claim_sql(queues), {"worker": uuid7(), "limit": limit, **claim._lanes(queues)})


@pytest.mark.parametrize("queues", [[], ["queue1"], ["queue0", "queue2"], ["no such queue"], list("abcdefgh")])
@pytest.mark.parametrize("limit", [1, 50, 1000])
def test_a_claim_walks_its_index_and_sorts_nothing(queues: list[str], limit: int) -> None:
    plan = _claim_plan(queues, limit)

    assert _walks_index_and_looks_up_keys(plan, queues)
    assert not _kinds(plan) & {"Sort", "Incremental Sort"}


@pytest.mark.parametrize("queues", [[], ["queue1"], ["queue0", "queue2"]])
def test_a_claim_that_goes_on_walks_its_index_from_there(queues: list[str]) -> None:
    floors = Floors()
    with transaction.atomic():
        claim.claim(uuid7(), 20, queues, floors=floors)
        params = {"worker": uuid7(), "limit": 50, **claim._lanes(queues)}
        params |= floors.parameters(claim._keys(params))
        with claim._in_index_order():
            plan = _explain(claim._BEYOND_SOME if queues else claim._BEYOND_ALL, params)

    assert _walks_index_and_looks_up_keys(plan, queues)
    assert not _kinds(plan) & {"Sort", "Incremental Sort"}
    (walk,) = [node for node in plan if node.get("Index Name") == _due(queues)]
    assert "ROW(run_at, id) >= ROW(lane.since, lane.first)" in walk["Index Cond"]


@pytest.mark.parametrize("queues", [[], ["queue0", "queue1", "queue2"]])
def test_a_claim_that_was_run_ten_times_still_walks_its_index(queues: list[str]) -> None:
    with transaction.atomic():
        for _ in range(10):
            assert len(claim.claim(uuid7(), 20, queues)) >= 15
        plan = _claim_plan(queues, 20)

    assert _walks_index_and_looks_up_keys(plan, queues)


@pytest.mark.parametrize("queues", [[], ["queue1"], ["queue0", "queue1", "queue2"]])
@pytest.mark.parametrize("mode", ["force_generic_plan", "auto"])
def test_a_prepared_claim_walks_its_index(mode: str, queues: list[str]) -> None:
    sql, lanes = _claim_sql(queues), claim._lanes(queues)
    for name, number in (("worker", 1), ("limit", 2), ("levels", 3), ("queues", 4)):
        sql = sql.replace(f"%({name})s", f"${number}")
    execute = f"EXECUTE prepared_claim ('{uuid7()}', 20, %(levels)s, %(queues)s)"
    with claim._in_index_order() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        cursor.execute(f"PREPARE prepared_claim (uuid, bigint, smallint[], text[]) AS {sql}")
        for _ in range(10):
            cursor.execute(execute, lanes)
        plan = _explain(execute, lanes)
        cursor.execute("DEALLOCATE prepared_claim")

    assert _walks_index_and_looks_up_keys(plan, queues)
    assert not _kinds(plan) & {"Sort", "Incremental Sort"}


@pytest.mark.parametrize("queues", [[], ["queue1"]])
def test_the_next_due_time_is_a_probe_of_the_same_index(queues: list[str]) -> None:
    sql = claim._NEXT_DUE_SOME if queues else claim._NEXT_DUE_ALL
    with claim._in_index_order():
        plan = _explain(sql, claim._lanes(queues))

    assert {index for _, index in _ways_to_jobs(plan)} == {_due(queues)}
    assert not _kinds(plan) & {"Sort", "Seq Scan", "Bitmap Heap Scan"}


@pytest.mark.parametrize("queues", [[], ["queue1"]])
def test_looking_ahead_for_jobs_of_keys_without_places_walks_the_same_index(queues: list[str]) -> None:
    sql = claim._PARK_AHEAD_SOME if queues else claim._PARK_AHEAD_ALL
    with claim._in_index_order():
        ways = _ways_to_jobs(_explain(sql, {"keys": ["key1"], **claim._lanes(queues)}))

    assert ("Index Scan", _due(queues)) in ways
    assert {index for _, index in ways} <= {_due(queues), "jobqueue_job_pkey", "job_holding_place"}


def test_counting_places_looks_at_those_that_hold_one() -> None:
    ids = "{" + ",".join(str(uuid7()) for _ in range(100)) + "}"

    ways = _ways_to_jobs(_explain(places._PARK, {"ids": ids, "keys": ["key1", "key2"]}))

    assert {index for _, index in ways} == {"jobqueue_job_pkey", "job_holding_place"}


def test_parking_walks_the_claims_index() -> None:
    with claim._in_index_order():
        plan = _explain(parking._PARK, {"reach": parking._REACH})

    assert {index for _, index in _ways_to_jobs(plan)} == {"job_due", "jobqueue_job_pkey"}


def test_what_was_parked_is_found_by_its_index_and_brought_back_by_its_keys() -> None:
    plan = _explain(parking._UNPARK, {"queue": "queue2", "task_type": "type1", "limit": 5000})

    (update,) = (node for node in plan if node["Node Type"] == "ModifyTable")
    assert [_index(node) for node in update["Plans"] if node.get("Alias") == "job"] == ["jobqueue_job_pkey"]
    assert {index for _, index in _ways_to_jobs(plan)} == {"job_paused", "jobqueue_job_pkey"}


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        (parking._FREE_LANES, {}),
        (settling._KEYS, {}),
        (settling._IN_FLIGHT, ["{" + ",".join(str(uuid7()) for _ in range(100)) + "}"]),
        (by_rules._EXPIRE, {"limit": 1000}),
    ],
)
def test_keeping_house_reads_no_table(sql: str, params: Any) -> None:
    assert "Seq Scan" not in {kind for kind, _ in _ways_to_jobs(_explain(sql, params))}


def _sequential_scans(cursor: CursorWrapper) -> int:
    cursor.execute(
        "SELECT sum(seq_scan) FROM pg_stat_xact_user_tables WHERE relname IN ('jobqueue_job', 'jobqueue_dependency')"
    )
    (scans,) = cursor.fetchone() or (0,)
    return int(scans)


@pytest.mark.parametrize("times", [1, 10])
def test_settling_reads_no_table_however_often_its_plans_were_used(times: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(id) FROM jobqueue_job WHERE status = 'running' "
            "AND (concurrency_key IS NOT NULL OR id IN (SELECT parent_id FROM jobqueue_dependency))"
        )
        (ids,) = cursor.fetchone() or ([],)
        cursor.execute(
            "UPDATE jobqueue_job SET status = 'succeeded', worker_id = NULL, finished_at = now() WHERE id = ANY (%s)",
            [ids],
        )
        before = _sequential_scans(cursor)
        freed = 0
        for at in range(times):
            cursor.execute("SELECT jobqueue_settle(%s)", [ids[at::times]])
            freed += (cursor.fetchone() or (0,))[0]
        cursor.execute("SELECT jobqueue_somebody_waits()")
        after = _sequential_scans(cursor)
        transaction.set_rollback(True)

    assert freed > 200
    assert after == before


def test_deleting_jobs_that_others_wait_for_reads_no_table() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT parent_id FROM jobqueue_dependency LIMIT 5")
        ids = [row[0] for row in cursor.fetchall()]
        before = _sequential_scans(cursor)
        cursor.execute("DELETE FROM jobqueue_job WHERE id = ANY (%s)", [ids])
        cursor.execute(
            "SELECT count(*) FROM jobqueue_job WHERE error_code = 'DEPENDENCY_FAILED' AND status='cancelled'"
        )
        (cancelled,) = cursor.fetchone() or (0,)
        after = _sequential_scans(cursor)
        transaction.set_rollback(True)

    assert cancelled > 0
    assert after - before <= 1  # our own count


@pytest.mark.parametrize("count", [1, 100, 1000])
def test_finishing_looks_jobs_up_by_their_key(count: int) -> None:
    ids = [str(uuid7()) for _ in range(count)]
    reports = json.dumps(
        [
            {"id": id_, "claim": 1, "number": 1, "started": 1.0, "finished": 2.0, "outcome": "error", "status": "dead"}
            for id_ in ids
        ]
    )

    params = {"worker": uuid7(), "slot": 7, "reports": reports, "ids": by_workers._array(ids)}
    plan = _explain(by_workers._FINISH, params)

    assert {index for _, index in _ways_to_jobs(plan)} == {"jobqueue_job_pkey"}
    assert "Seq Scan" not in {kind for kind, _ in _ways_to_jobs(plan)}


@pytest.mark.parametrize("sql", [by_workers._MARK_STARTED, by_workers._RELEASE, journal._PROGRESS, journal._CHECKPOINT])
def test_whatever_else_a_worker_writes_looks_jobs_up_by_their_key(sql: str) -> None:
    ids = [str(uuid7()) for _ in range(100)]
    params = {"marks": "[]", "news": "[]", "ids": by_workers._array(ids), "claims": [1] * 100}

    ways = _ways_to_jobs(_explain(sql, params))

    assert {index for _, index in ways} == {"jobqueue_job_pkey"}


def test_cleaning_up_finds_old_jobs_by_index() -> None:
    params = cleanup._params(Status.SUCCEEDED, timedelta(days=1))

    with by_index():
        ways = _ways_to_jobs(_explain(cleanup._DELETE_BATCH, params))

    assert "Seq Scan" not in {kind for kind, _ in ways}


def test_how_much_pauses_hold_is_counted_by_index() -> None:
    from jobqueue.admin.processing import held  # the admin's, which the queue's own modules do without

    with by_index():
        ways = _ways_to_jobs(_explain(held._HELD, {"pauses": [1, 2], "limit": 10_001}))

    assert {index for _, index in ways} <= {"job_due", "job_due_in_queue", "job_paused"}
