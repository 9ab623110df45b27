"""Writes events and results, one statement each however many accounts. Rows that say the same stay untouched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import connection

from gameplatform.sync.fetch import Fetched

_ADD_EVENTS = """
INSERT INTO gameplatform_flashevent (name, starts_at)
SELECT DISTINCT entry.name, entry.starts_at
  FROM json_to_recordset(%s::json) AS entry (name text, starts_at timestamptz)
 WHERE NOT EXISTS (
       SELECT FROM gameplatform_flashevent AS event
        WHERE event.name = entry.name AND event.starts_at = entry.starts_at)
 ORDER BY entry.starts_at, entry.name
    ON CONFLICT (starts_at, name) DO NOTHING
"""

_UPSERT_RESULTS = """
INSERT INTO gameplatform_eventresult AS result
       (account_id, event_id, rank, points, max_points, challenges_solved)
SELECT entry.account_id, event.id, entry.rank, entry.points, entry.max_points, entry.challenges_solved
  FROM json_to_recordset(%s::json) AS entry (
       account_id uuid, name text, starts_at timestamptz,
       rank integer, points integer, max_points integer, challenges_solved integer)
  JOIN gameplatform_flashevent AS event
    ON event.name = entry.name AND event.starts_at = entry.starts_at
    ON CONFLICT (account_id, event_id) DO UPDATE
   SET rank = excluded.rank, points = excluded.points,
       max_points = excluded.max_points, challenges_solved = excluded.challenges_solved
 WHERE (result.rank, result.points, result.max_points, result.challenges_solved)
       IS DISTINCT FROM
       (excluded.rank, excluded.points, excluded.max_points, excluded.challenges_solved)
RETURNING result.account_id, result.xmax = 0
"""


@dataclass(frozen=True, kw_only=True)
class ResultsWritten:
    """How many results are new, and every account for which something is new or different."""

    added: int
    changed: set[UUID]


def write_events(batch: Sequence[Fetched]) -> None:
    """Add the events that the mirror does not know."""
    keys = {(entry.name, entry.starts_at) for fetched in batch for entry in fetched.events or ()}
    with connection.cursor() as cursor:
        cursor.execute(_ADD_EVENTS, [_json([{"name": name, "starts_at": at} for name, at in keys])])


def write_results(batch: Sequence[Fetched]) -> ResultsWritten:
    """Add or change the results of a batch, whose events must be there already."""
    rows = [
        {
            "account_id": fetched.account_id,
            "name": entry.name,
            "starts_at": entry.starts_at,
            "rank": entry.rank,
            "points": entry.points,
            "max_points": entry.max_points,
            "challenges_solved": entry.challenges_solved,
        }
        for fetched in batch
        for entry in fetched.events or ()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT_RESULTS, [_json(rows)])
        written: list[tuple[UUID, bool]] = cursor.fetchall()
    return ResultsWritten(added=sum(added for _, added in written), changed={account_id for account_id, _ in written})


def _json(rows: Sequence[Mapping[str, object]]) -> str:
    return msgspec.json.encode(rows).decode()
