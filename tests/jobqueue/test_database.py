"""What the database says of itself, and when that is a warning."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from jobqueue.database import DatabaseFacts, Table, database_facts
from jobqueue.health import Level
from tests.jobqueue.ear import raw_connection

pytestmark = pytest.mark.django_db


def level_of(facts: DatabaseFacts, label: str) -> Level:
    """Of one check."""
    return dict(facts.checks)[label].level


def test_it_tells_of_the_queues_own_tables() -> None:
    facts = database_facts()

    assert facts.size > 0
    assert facts.version
    assert {table.name.split("_")[0] for table in facts.tables} == {"jobqueue"}
    assert (level_of(facts, "Autovacuum"), level_of(facts, "Connections")) == (Level.HEALTHY, Level.HEALTHY)


def test_a_transaction_that_stays_open_is_a_warning(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "HEALTH_OLDEST_TRANSACTION": timedelta()}
    with raw_connection() as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1")
        facts = database_facts()

    check = dict(facts.checks)["Oldest transaction"]
    assert check.level == Level.WARNING
    assert "idle in transaction" in check.message


@pytest.mark.parametrize(
    ("rows", "dead", "is_bloated"), [(10, 9, False), (10, 15, False), (20_000, 30_000, True), (90_000, 30_000, False)]
)
def test_a_table_is_bloated_if_most_of_many_rows_are_dead(rows: int, dead: int, is_bloated: bool) -> None:
    given: dict[str, Any] = {"size": 1, "index_size": 1, "vacuumed_at": None, "analyzed_at": None}

    assert Table(name="t", rows=rows, dead=dead, **given).is_bloated == is_bloated


def test_it_reads_no_table_of_ours() -> None:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        database_facts()

    assert len(captured) == 3
    assert not any("FROM jobqueue_" in query["sql"] for query in captured)
