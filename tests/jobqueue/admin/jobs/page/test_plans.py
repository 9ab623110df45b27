"""How PostgreSQL reads a job's page among 200,000 jobs, attempts and lines, whatever it believes of them."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from jobqueue.admin.counts import failed_badge
from tests.jobqueue.admin.pages import JOBS, job_url
from tests.jobqueue.ear import raw_connection

_TABLES = ("jobqueue_job", "jobqueue_attempt", "jobqueue_logline", "jobqueue_dependency", "jobqueue_auditentry")
_BIG = _TABLES[:4]
_FILL = """
INSERT INTO jobqueue_job (id, task_type, queue, status, run_at, created_at, started_at, finished_at, error_code,
                          concurrency_key, concurrency_limit)
SELECT md5(n::text)::uuid, 'noop', 'queue' || n % 3,
       (ARRAY['succeeded', 'failed', 'dead', 'cancelled'])[1 + n % 4], moment, moment, moment, moment, '',
       CASE WHEN n % 10 = 0 THEN 'key' || n % 50 END, CASE WHEN n % 10 = 0 THEN 3 END
FROM generate_series(1, 200000) AS n, LATERAL (SELECT now() - make_interval(secs => n * 5)) AS m (moment);
INSERT INTO jobqueue_attempt (job_id, claim, number, worker_id, started_at, finished_at, outcome, error_code,
                              error_message, traceback)
SELECT md5((1 + n / 2)::text)::uuid, n, 1, NULL, now(), now(), 'error', 'X', 'x', 'Traceback'
FROM generate_series(1, 200000) AS n;
INSERT INTO jobqueue_logline (job_id, claim, number, time, level, text)
SELECT md5((1 + n % 20000)::text)::uuid, 1, n, now(), 'INFO', 'line' FROM generate_series(1, 200000) AS n;
INSERT INTO jobqueue_dependency (job_id, parent_id, on_failure, is_met)
SELECT md5(n::text)::uuid, md5((n % 50)::text)::uuid, 'hold', n % 2 = 0 FROM generate_series(51, 50000) AS n;
UPDATE jobqueue_job SET parent_id = md5('7')::uuid WHERE id IN (
    SELECT md5(n::text)::uuid FROM generate_series(1000, 6000) AS n);
INSERT INTO jobqueue_job (id, task_type, queue, concurrency_key, concurrency_limit)
VALUES (md5('waits')::uuid, 'noop', 'queue1', 'key0', 3);
INSERT INTO jobqueue_dependency (job_id, parent_id, on_failure, is_met)
SELECT md5('waits')::uuid, md5(n::text)::uuid, 'hold', true FROM generate_series(1, 3000) AS n;
"""


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The rows; analysed before they were there."""
    with django_db_blocker.unblock(), raw_connection() as raw:
        tables = ", ".join(_BIG)
        raw.execute(f"TRUNCATE {tables} CASCADE")
        for table in _BIG:
            raw.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
        raw.execute(f"ANALYZE {tables}")
        for statement in _FILL.split(";\n"):
            if statement.strip():
                raw.execute(statement)
        yield
        connection.close()
        raw.execute(f"TRUNCATE {tables} CASCADE")
        for table in _BIG:
            raw.execute(f"ALTER TABLE {table} RESET (autovacuum_enabled)")
        raw.execute(f"ANALYZE {tables}")


@pytest.fixture(scope="module", params=["stale", "fresh"])
def statistics(request: pytest.FixtureRequest, many: None) -> None:
    """What they say of the rows: nothing, or what is so. In this order, as the rows are the same."""
    if request.param == "fresh":
        with raw_connection() as raw:
            raw.execute(f"ANALYZE {', '.join(_BIG)}")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("statistics"), pytest.mark.xdist_group("plans")]


def _md5(text: str) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute("SELECT md5(%s)::uuid", [text])
        (found,) = cursor.fetchone() or (None,)
    assert isinstance(found, UUID)
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)


def _sequential(statements: list[str]) -> list[str]:
    """The statements that read one of the tables from its beginning to its end, each as it was run."""
    found = []
    with connection.cursor() as cursor:
        for sql in statements:
            if sql.startswith("SET LOCAL"):
                cursor.execute(sql)
            elif sql.lstrip(" (\n").startswith(("SELECT", "WITH")):
                cursor.execute("EXPLAIN (FORMAT JSON) " + sql)
                ((answer,),) = cursor.fetchall()
                plans = json.loads(answer) if isinstance(answer, str) else answer
                scans = {one.get("Relation Name") for one in _nodes(plans[0]["Plan"]) if one["Node Type"] == "Seq Scan"}
                if scans & set(_TABLES):
                    found.append(f"{scans}: {sql}")
    return found


def _statements(client: Client, url: str, **headers: str) -> list[str]:
    """All but that of the navigation, which looks at the first hundred failed jobs wherever they are."""
    with CaptureQueriesContext(connection) as of_navigation:
        failed_badge(HttpRequest())
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, headers=headers).status_code == 200
    others = [query["sql"] for query in of_navigation.captured_queries if not query["sql"].startswith("SET LOCAL")]
    return [query["sql"] for query in captured.captured_queries if query["sql"] not in others]


@pytest.fixture
def ada(client: Client) -> Client:
    """Sees everything."""
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.mark.parametrize("job", ["1", "7", "40", "5000", "waits", "199999"])
def test_a_jobs_page_reads_no_table(ada: Client, job: str) -> None:
    url = job_url(_md5(job))
    for statements in (
        _statements(ada, url),
        _statements(ada, f"{url}?level=ERROR"),
        _statements(ada, f"{url}?log=1-5", hx_request="true"),
    ):
        assert any("jobqueue_logline" in sql for sql in statements)
        assert any("jobqueue_attempt" in sql for sql in statements)
        assert _sequential([sql for sql in statements if "jobqueue_" in sql or "SET LOCAL" in sql]) == []


@pytest.mark.parametrize("relation", ["child", "dependent", "depends_on"])
def test_the_list_of_its_relatives_reads_no_table(ada: Client, relation: str) -> None:
    job = "waits" if relation == "depends_on" else "7"
    statements = _statements(ada, f"{JOBS}?related={relation}:{_md5(job)}")
    related = [sql for sql in statements if "unnest(ARRAY" in sql]
    assert related
    assert _sequential(related) == []
