"""Runs a scoring the way its job does, takes snapshots by hand, and computes scores in another way."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import connection

from gameplatform.jobs import scoring
from gameplatform.models import Account, ScorePoint, Snapshot
from gameplatform.payloads import ScoringPayload
from gameplatform.tally import ScheduledResult
from tests.gameplatform.job import FakeJob

# Every day's end, looked at from the snapshots' side: no lateral joins, no marks of what was scored before.
_EXPECTED = """
WITH latest AS (
       SELECT DISTINCT ON (days.account_id, days.day, snapshot.collector)
              days.account_id, days.day, snapshot.collector, snapshot.data
         FROM (SELECT DISTINCT account_id, day FROM gameplatform_snapshot
                WHERE collector IN ('solves', 'events')) AS days
         JOIN gameplatform_snapshot AS snapshot
           ON snapshot.account_id = days.account_id AND snapshot.day <= days.day
        WHERE snapshot.collector IN ('solves', 'events')
        ORDER BY days.account_id, days.day, snapshot.collector, snapshot.taken_at DESC)
SELECT account_id, day, sum((data->>'challenges')::int)::int, sum((data->>'points')::int)::int,
       coalesce(sum((data->>'points')::int) FILTER (WHERE collector = 'solves'), 0)::int,
       coalesce(sum((data->>'points')::int) FILTER (WHERE collector = 'events'), 0)::int,
       coalesce(sum((data->>'events')::int) FILTER (WHERE collector = 'events'), 0)::int
  FROM latest
 GROUP BY account_id, day
"""

type Scores = dict[tuple[UUID, date], tuple[int, ...]]


def score(job: FakeJob | None = None, **payload: Any) -> ScheduledResult:
    """One scoring with this JSON as its payload."""
    result: ScheduledResult = scoring(job or FakeJob(), msgspec.convert(payload, ScoringPayload))
    return result


def expected() -> Scores:
    """What the scores should be, by account and day: challenges, points, practice, CTF points and events."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPECTED)
        return {(account, day): tuple(figures) for account, day, *figures in cursor.fetchall()}


def scored() -> Scores:
    """The same as it is stored."""
    return {
        (row.account_id, row.day): (row.challenges, row.points, row.practice_points, row.ctf_points, row.ctf_events)
        for row in ScorePoint.objects.all()
    }


def solves(account: Account, at: datetime, points: int, challenges: int = 1) -> Snapshot:
    """A snapshot of practice."""
    return snapshot(account, "solves", at, {"challenges": challenges, "points": points, "domains": {}, "latest": []})


def events(account: Account, at: datetime, points: int, challenges: int = 1, count: int = 1) -> Snapshot:
    """A snapshot of events."""
    data = {"events": count, "challenges": challenges, "points": points, "latest": []}
    return snapshot(account, "events", at, data)


def snapshot(account: Account, collector: str, at: datetime, data: dict[str, Any]) -> Snapshot:
    """A snapshot of any kind."""
    day = at.astimezone(UTC).date()
    return Snapshot.objects.create(
        account=account, collector=collector, taken_at=at, day=day, job_id=uuid4(), items=1, data=data
    )
