"""Groups of errors."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from jobqueue import failures
from jobqueue.failures import Unresolved
from jobqueue.ids import uuid7
from jobqueue.models import Failure
from jobqueue.states import Status
from tests.jobqueue.ear import raw_connection
from tests.jobqueue.factories import make_job, make_jobs


def make_failure(fingerprint: str, *, age: int = 0, **fields: Any) -> Failure:
    """A group that was last seen so many minutes ago."""
    seen = timezone.now() - timedelta(minutes=age)
    given = {"task_type": "noop", "error_code": "TIMEOUT", "error_message": "too slow", "count": 1}
    given |= {"first_seen_at": seen, "last_seen_at": seen, "last_job_id": uuid7()}
    return Failure.objects.create(fingerprint=fingerprint, **{**given, **fields})


@pytest.mark.django_db
class TestReading:
    def test_the_group_that_failed_last_comes_first(self) -> None:
        for fingerprint, age in (("b", 5), ("a", 0), ("c", 60)):
            make_failure(fingerprint, age=age)

        assert [failure.fingerprint for failure in failures.newest()] == ["a", "b", "c"]

    def test_they_can_be_had_of_one_task_type_and_since_a_time(self) -> None:
        make_failure("a", task_type="sync")
        make_failure("b", age=60, task_type="sync")
        make_failure("c")
        since = timezone.now() - timedelta(minutes=30)

        found = failures.newest(task_type="sync", since=since)
        assert [failure.fingerprint for failure in found] == ["a"]

    def test_the_jobs_of_a_group_are_read_newest_first(self) -> None:
        mine = make_jobs(3, Status.DEAD, fingerprint="a")
        make_job(Status.DEAD, fingerprint="b")
        make_job(Status.DEAD)

        assert list(failures.jobs(make_failure("a"))) == mine[::-1]

    def test_unresolved_are_those_that_failed_and_did_not_succeed_since(self) -> None:
        for status in Status:
            make_job(status, fingerprint="a")

        assert failures.unresolved(make_failure("a")) == Unresolved(number=3, retrying=1, is_capped=False)

    def test_a_page_of_groups_is_counted_by_one_statement(self, django_assert_num_queries: Any) -> None:
        groups = [make_failure(fingerprint) for fingerprint in "abc"]
        make_jobs(2, Status.DEAD, fingerprint="a")
        make_job(Status.FAILED, fingerprint="b")

        with django_assert_num_queries(1):
            counted = failures.unresolved_of(groups)
        assert {fingerprint: count.number for fingerprint, count in counted.items()} == {"a": 2, "b": 1, "c": 0}

    def test_no_groups_are_no_counts(self) -> None:
        assert failures.unresolved_of([]) == {}

    def test_of_a_large_group_only_the_newest_jobs_are_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(failures, "MOST_READ", 3)
        make_jobs(2, Status.DEAD, fingerprint="a")
        group = make_failure("a")
        make_job(Status.SUCCEEDED, fingerprint="a")

        assert failures.unresolved(group) == Unresolved(number=2, retrying=0, is_capped=False)
        make_jobs(2, Status.DEAD, fingerprint="a")
        assert failures.unresolved(group) == Unresolved(number=3, retrying=0, is_capped=True)


_MANY = """
INSERT INTO jobqueue_job (id, task_type, status, finished_at, fingerprint)
SELECT md5(n::text)::uuid, 'noop', (ARRAY['succeeded', 'dead', 'failed'])[1 + n % 3], now(),
       CASE WHEN n % 2 = 0 THEN '' WHEN n % 5 = 0 THEN 'large' ELSE 'small' || n % 2000 END
FROM generate_series(1, 60000) AS n
"""


@pytest.fixture(scope="module", params=["analysed", "stale"])
def many_jobs(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """60,000 jobs, half of them in groups."""
    with django_db_blocker.unblock(), raw_connection() as raw:
        raw.execute("ALTER TABLE jobqueue_job SET (autovacuum_enabled = false)")
        raw.execute("TRUNCATE jobqueue_job CASCADE")
        if request.param == "stale":
            raw.execute("ANALYZE jobqueue_job")
        raw.execute(_MANY)
        if request.param == "analysed":
            raw.execute("ANALYZE jobqueue_job")
        yield
        connection.close()
        raw.execute("TRUNCATE jobqueue_job CASCADE")
        raw.execute("ALTER TABLE jobqueue_job RESET (autovacuum_enabled)")
        raw.execute("ANALYZE jobqueue_job")


def _ways(sql: str, params: Any) -> set[tuple[str, str]]:
    """How the table of jobs is read: the kind of scan and the index."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()
    todo, found = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]], set()
    while todo:
        node = todo.pop()
        todo += node.get("Plans", [])
        if node.get("Relation Name") == "jobqueue_job":
            below = next((part["Index Name"] for part in node.get("Plans", []) if "Index Name" in part), "")
            found.add((node["Node Type"], str(node.get("Index Name", below))))
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("many_jobs")
@pytest.mark.xdist_group("plans")
class TestPlans:
    @pytest.mark.parametrize("fingerprints", [["large"], ["small1", "large", "gone"], [f"small{n}" for n in range(50)]])
    def test_counting_walks_the_index_of_fingerprints(self, fingerprints: list[str]) -> None:
        ways = _ways(failures._UNRESOLVED, {"fingerprints": fingerprints, "limit": failures.MOST_READ + 1})

        assert {index for _, index in ways} == {"job_by_fingerprint"}
        assert "Seq Scan" not in {kind for kind, _ in ways}

    @pytest.mark.parametrize("fingerprint", ["large", "small1", "gone"])
    def test_the_jobs_of_a_group_are_read_by_that_index_in_its_order(self, fingerprint: str) -> None:
        sql, params = failures.jobs(Failure(fingerprint=fingerprint))[:50].query.sql_with_params()

        assert {index for _, index in _ways(sql, params)} == {"job_by_fingerprint"}
