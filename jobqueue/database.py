"""The facts of PostgreSQL that decide how a queue fares: old transactions, dead rows, sizes, connections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper

from jobqueue.conf import conf
from jobqueue.durations import say_duration
from jobqueue.health import Check, Level

_MOST_DEAD = 0.5
_LEAST_DEAD = 20_000
_MOST_CONNECTIONS = 0.8

# What keeps autovacuum from taking dead rows away: every claim and finish leaves some, and an index full of them makes
# the next claim slow.
_OLDEST = """
SELECT extract(epoch FROM statement_timestamp() - min(xact_start))::float8,
       (array_agg(pid ORDER BY xact_start))[1], (array_agg(coalesce(state, '') ORDER BY xact_start))[1],
       (array_agg(coalesce(nullif(application_name, ''), usename, '') ORDER BY xact_start))[1]
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
  AND backend_type = 'client backend'
"""
_SERVER = """
SELECT current_setting('server_version'), pg_database_size(current_database()),
       current_setting('autovacuum')::boolean AND current_setting('track_counts')::boolean,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
       current_setting('max_connections')::int
"""
_TABLES = """
SELECT relname, n_live_tup, n_dead_tup, pg_table_size(relid), pg_indexes_size(relid),
       greatest(last_vacuum, last_autovacuum), greatest(last_analyze, last_autoanalyze)
FROM pg_stat_user_tables
WHERE schemaname = ANY (current_schemas(false)) AND relname LIKE 'jobqueue\\_%%'
ORDER BY pg_total_relation_size(relid) DESC
LIMIT 8
"""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One of the queue's tables. Numbers of rows are PostgreSQL's estimates, sizes are bytes."""

    name: str
    rows: int
    dead: int
    size: int
    index_size: int
    vacuumed_at: datetime | None
    analyzed_at: datetime | None

    @property
    def dead_part(self) -> float:
        """Of all its rows, from 0 to 1."""
        return self.dead / (self.rows + self.dead) if self.dead else 0.0

    @property
    def is_bloated(self) -> bool:
        """Whether so many rows are dead that autovacuum should have come."""
        return self.dead >= _LEAST_DEAD and self.dead_part >= _MOST_DEAD


@dataclass(frozen=True, kw_only=True)
class DatabaseFacts:
    """What the server says, judged."""

    version: str
    size: int
    """Of the whole database, in bytes."""
    checks: Sequence[tuple[str, Check]]
    """By label."""
    tables: Sequence[Table]
    """The queue's largest."""


def database_facts() -> DatabaseFacts:
    """By three queries over PostgreSQL's own statistics, which read no table of ours."""
    with connection.cursor() as cursor:
        tables = _tables(cursor)
        cursor.execute(_OLDEST)
        oldest = _oldest(*(cursor.fetchone() or (None, None, None, None)))
        cursor.execute(_SERVER)
        version, size, has_autovacuum, connections, most = cursor.fetchone() or ("", 0, True, 0, 1)
    return DatabaseFacts(
        version=version,
        size=size,
        tables=tables,
        checks=[
            ("Oldest transaction", oldest),
            ("Dead rows", _dead(tables)),
            ("Autovacuum", _autovacuum(has_autovacuum)),
            ("Connections", _connections(connections, most)),
        ],
    )


def _tables(cursor: CursorWrapper) -> list[Table]:
    cursor.execute(_TABLES)
    return [
        Table(
            name=name, rows=rows, dead=dead, size=size, index_size=index_size,
            vacuumed_at=vacuumed_at, analyzed_at=analyzed_at,
        )
        for name, rows, dead, size, index_size, vacuumed_at, analyzed_at in cursor.fetchall()
    ]  # fmt: skip


def _oldest(seconds: float | None, pid: int | None, state: str | None, who: str | None) -> Check:
    if seconds is None:
        return Check(level=Level.HEALTHY, value=None, message="No other transaction is open.")
    age, most = timedelta(seconds=max(seconds, 0)), conf().HEALTH_OLDEST_TRANSACTION
    message = f"Open for {say_duration(age)}: {who or 'unknown'}, process {pid}, {state or 'unknown state'}."
    if age <= most:
        return Check(level=Level.HEALTHY, value=round(seconds, 1), message=message)
    message = f"{message} While it is open, no dead row can be taken away and claiming gets slower."
    return Check(level=Level.WARNING, value=round(seconds, 1), message=message)


def _dead(tables: Sequence[Table]) -> Check:
    dead = sum(table.dead for table in tables)
    bloated = [table for table in tables if table.is_bloated]
    if not bloated:
        return Check(level=Level.HEALTHY, value=dead, message=f"{dead:,} wait for autovacuum.")
    told = ", ".join(f"{table.name} ({table.dead_part:.0%})" for table in bloated)
    return Check(level=Level.WARNING, value=dead, message=f"More dead rows than live ones: {told}.")


def _autovacuum(is_on: bool) -> Check:
    if is_on:
        return Check(level=Level.HEALTHY, value="on", message="It is on.")
    return Check(level=Level.CRITICAL, value="off", message="It is off: the tables of the queue will only ever grow.")


def _connections(number: int, most: int) -> Check:
    level = Level.WARNING if number >= most * _MOST_CONNECTIONS else Level.HEALTHY
    return Check(level=level, value=number, message=f"{number:,} of {most:,} are in use.")
