"""The tick beside 100,000 schedules and a long history: how often it asks, and by which index."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from jobqueue import deadman
from jobqueue.firing import batch
from jobqueue.models import Job, Occurrence
from jobqueue.scheduler import tick
from tests.jobqueue.ear import raw_connection

# Those that come due are made so by the tests.
_SCHEDULES = """
INSERT INTO jobqueue_schedule (name, expression, timezone, task_type, payload, queue, priority, max_attempts,
                               is_active, next_run_at, notes, created_at)
SELECT 'schedule ' || n, '0 0 29 2 *', (ARRAY['UTC', 'Europe/Berlin'])[1 + n % 2], 'noop', '{}', 'default', 0, 3,
       n % 10 > 0, CASE WHEN n % 10 > 0 THEN now() + make_interval(hours => 9, secs => n) END, '', now()
FROM generate_series(1, 100000) AS n
"""
# Of one schedule that runs every minute, and whose jobs are kept for long.
_HISTORY = """
WITH made AS (
    INSERT INTO jobqueue_job (id, task_type, status, schedule_id, occurrence, run_at, created_at, started_at,
                              finished_at)
    SELECT md5(n::text)::uuid, 'noop', 'succeeded', (SELECT min(id) FROM jobqueue_schedule), moment, moment, moment,
           moment, moment
    FROM generate_series(1, 50000) AS n, LATERAL (SELECT now() - make_interval(mins => n)) AS m (moment)
    RETURNING id, schedule_id, occurrence
)
INSERT INTO jobqueue_occurrence (schedule_id, scheduled_at, fired_at, trigger, job_id)
SELECT schedule_id, occurrence, occurrence, 'schedule', id FROM made
"""
_DUE = """
UPDATE jobqueue_schedule SET next_run_at = date_trunc('minute', now())
WHERE id = ANY (ARRAY(SELECT id FROM jobqueue_schedule WHERE is_active ORDER BY id LIMIT %s))
"""


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), raw_connection() as raw:
        # Statistics outlive the rows that they are of: those of the jobs here would mislead the tests that follow.
        raw.execute("ALTER TABLE jobqueue_job SET (autovacuum_enabled = false)")
        _empty(raw)
        raw.execute(_SCHEDULES)
        raw.execute(_HISTORY)
        raw.execute("ANALYZE jobqueue_schedule, jobqueue_occurrence")
        yield
        connection.close()
        _empty(raw)
        raw.execute("ALTER TABLE jobqueue_job RESET (autovacuum_enabled)")


def _empty(raw: Any) -> None:
    raw.execute("TRUNCATE jobqueue_schedule, jobqueue_job, jobqueue_occurrence, jobqueue_attempt CASCADE")
    raw.execute("ANALYZE jobqueue_schedule, jobqueue_job, jobqueue_occurrence")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("many"), pytest.mark.xdist_group("plans")]


def _make_due(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [number])


def _scans(sql: str, params: Any = None) -> set[tuple[str, str]]:
    """(kind, index or table) of every scan in the plan."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (answer,) = cursor.fetchone() or ("[]",)
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return set(_scans_of(plan))


def _scans_of(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "Scan" in node["Node Type"] and ("Index Name" in node or "Relation Name" in node):
        yield node["Node Type"], node.get("Index Name") or node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from _scans_of(inner)


def test_while_nothing_is_due_a_tick_is_one_look_at_the_index_of_due_times() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert tick() == 0

    (query,) = asked.captured_queries
    assert _scans(query["sql"]) <= {("Index Only Scan", "schedule_due"), ("Index Scan", "schedule_due")}


def test_a_thousand_due_schedules_cost_as_many_queries_as_ten() -> None:
    counts = []
    for number in (10, 900):
        _make_due(number)
        with CaptureQueriesContext(connection) as asked:
            assert tick() == number
        counts.append(len(asked))
        Occurrence.objects.filter(fired_at__gte=timezone.now().replace(second=0, microsecond=0)).delete()
        Job.objects.filter(status="pending").delete()

    assert counts[0] == counts[1] <= 14


def test_each_statement_of_a_tick_goes_by_an_index() -> None:
    _make_due(900)
    with CaptureQueriesContext(connection) as asked:
        tick()

    reads = [query["sql"] for query in asked if query["sql"].lstrip().startswith(("SELECT", "UPDATE"))]
    scans = set().union(*(_scans(sql) for sql in reads))
    assert not {name for kind, name in scans if kind == "Seq Scan" and name in ("jobqueue_job", "jobqueue_schedule")}


def test_a_schedules_history_is_not_read_to_find_what_is_unfinished() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM jobqueue_schedule")
        (first,) = cursor.fetchone() or (0,)

    assert _scans(batch._UNFINISHED, [[first]]) <= {
        ("Index Scan", "job_open_of_schedule"),
        ("Bitmap Index Scan", "job_open_of_schedule"),
        ("Bitmap Heap Scan", "jobqueue_job"),
    }


def test_the_dead_mans_check_reads_what_is_due_alone() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert deadman.check() == []

    assert _scans(asked.captured_queries[0]["sql"]) == {("Index Scan", "schedule_due")}
