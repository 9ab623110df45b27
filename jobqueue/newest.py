"""The newest jobs under a filter, a page at a time, whatever the number of jobs.

One condition that an index serves in the order of ids, or none, says what is read; all others are tried on what that
yields, and reading ends after `WINDOW` jobs. What lies before those is looked at only if somebody asks to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from jobqueue.job_filter import JobFilter
from jobqueue.models import Job
from jobqueue.planner import by_index
from jobqueue.states import Status

WINDOW = 50_000
"""So many jobs are read for a page."""
CAP = 10_000
"""So many are counted if there is no condition to try."""
RECENT = 1_000_000
"""Among so many a job is found by the end of its id."""

# What leads to jobs by index, the narrowest first.
_LEADS = ("ids", "fingerprint", "schedule", "created_by", "tag", "statuses")
# What conditions are about; PostgreSQL fetches of it what they ask for.
_COLUMNS = (
    "id", "task_type", "queue", "status", "error_code", "error_message", "fingerprint", "created_by_id", "schedule_id",
    "tags", "payload", "finished_at",
)  # fmt: skip
_TABLE = 'FROM "jobqueue_job"'
# A job that succeeded has no error; most have succeeded.
_WITH_ERROR = tuple(status for status in Status if status != Status.SUCCEEDED)
_BY_END = """
SELECT id FROM (SELECT id FROM jobqueue_job ORDER BY id DESC LIMIT %s) AS recent
WHERE substr(uuid_send(id), 13) = %s LIMIT 50
"""

type _Statement = tuple[str, Sequence[Any]]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of what matches."""

    ids: Sequence[UUID]
    """The newest first."""
    number: int
    """How many match."""
    is_capped: bool
    """There may be more."""
    onward: UUID | None = None
    """Jobs made before this one were not looked at."""


def newest(jobs: JobFilter, *, also: Q | None = None, before: UUID | None = None, limit: int) -> Found:
    """The newest jobs that fulfil a filter.

    Args:
        also: a further condition, such as a text to find.
        before: only jobs made before this one.
    """
    lead = next((name for name in _LEADS if name in jobs.given()), None)
    rest = jobs.among(Job.objects.order_by("-id"), [name for name in jobs.given() if name not in _led(jobs, lead)])
    is_tried = also is not None or bool(rest.query.where)
    if also is not None:
        rest = rest.filter(also)
    window = _window(jobs, lead, before, WINDOW if is_tried else CAP + 1)
    # Jobs with a tag are found in no order.
    with by_index(sorts=lead == "tag") as cursor:
        cursor.execute(*_within(window, rest.values_list("id")[:limit]))
        ids = [row[0] for row in cursor.fetchall()]
        matching, params = _within(window, rest.order_by().values_list("id"))
        cursor.execute(f"SELECT count(*) FROM ({matching}) AS matching", params)  # noqa: S608  made above
        (number,) = cursor.fetchone() or (0,)
        cursor.execute(f"SELECT id FROM ({window[0]}) AS seen OFFSET {WINDOW - 1} LIMIT 1", window[1])  # noqa: S608
        end = cursor.fetchone()
    if not is_tried:
        return Found(ids=ids, number=min(number, CAP), is_capped=number > CAP)
    return Found(ids=ids, number=number, is_capped=end is not None, onward=end[0] if end else None)


def ids_ending(end: str) -> list[UUID]:
    """The ids among the most recent that end in these 8 digits, by which lists call them."""
    with by_index() as cursor:
        cursor.execute(_BY_END, [RECENT, bytes.fromhex(end)])
        return [row[0] for row in cursor.fetchall()]


def _led(jobs: JobFilter, lead: str | None) -> set[str]:
    """The conditions that need not be tried any more."""
    return {lead or "", *(() if jobs.is_by_end else ("since", "until"))}


def _window(jobs: JobFilter, lead: str | None, before: UUID | None, size: int) -> _Statement:
    """The jobs that are read, in order."""
    led = [name for name in jobs.given() if name in _led(jobs, lead)]
    statuses = jobs.statuses if lead == "statuses" else _WITH_ERROR if lead is None and jobs.error_codes else ()
    walked = jobs.among(Job.objects.order_by("-id"), [name for name in led if name != "statuses"])
    if before is not None:
        walked = walked.filter(id__lt=before)
    # Each state is a walk of its own, so that the index (status, id) has it in order.
    walks = [walked.filter(status=status) for status in statuses] or [walked]
    parts = [_sql(walk.values_list(*_COLUMNS)[:size]) for walk in walks]
    both = " UNION ALL ".join(f"({sql})" for sql, _ in parts)
    sql = both if len(parts) == 1 else f"SELECT * FROM ({both}) AS walks ORDER BY id DESC LIMIT {size}"  # noqa: S608
    return sql, [param for _, params in parts for param in params]


def _within(window: _Statement, jobs: QuerySet[Any, Any]) -> _Statement:
    """The same query, but of the jobs in the window only."""
    sql, params = _sql(jobs)
    return sql.replace(_TABLE, f'FROM ({window[0]}) AS "jobqueue_job"', 1), [*window[1], *params]


def _sql(jobs: QuerySet[Any, Any]) -> _Statement:
    sql, params = jobs.query.get_compiler(connection=connection).as_sql()
    return sql, params
