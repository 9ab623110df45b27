"""Writes solves in one statement however many accounts. Rows that say the same stay untouched."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from gameplatform.categories import domain_of
from gameplatform.models import Solve
from gameplatform.providers.records import EventEntry, PlatformSolve
from gameplatform.sync.fetch import Fetched

_UPSERT = """
INSERT INTO gameplatform_solve AS solve
       (account_id, source, event_id, remote_solve_id, remote_challenge_id, title, category, domain,
        points, solved_at, work_roles, retired, first_seen_at)
SELECT entry.account_id, entry.source, event.id, entry.solve_id, entry.challenge_id, entry.title,
       entry.category, entry.domain, entry.points, entry.solved_at, entry.work_roles, entry.retired, %s
  FROM json_to_recordset(%s::json) AS entry (
       account_id uuid, source text, event_name text, event_starts_at timestamptz, solve_id bigint,
       challenge_id bigint, title text, category text, domain text, points integer,
       solved_at timestamptz, work_roles text[], retired boolean)
  LEFT JOIN gameplatform_flashevent AS event
    ON event.name = entry.event_name AND event.starts_at = entry.event_starts_at
    ON CONFLICT (account_id, source, event_id, remote_solve_id) DO UPDATE
   SET remote_challenge_id = excluded.remote_challenge_id, title = excluded.title,
       category = excluded.category, domain = excluded.domain, points = excluded.points,
       solved_at = excluded.solved_at, work_roles = excluded.work_roles, retired = excluded.retired
 WHERE (solve.remote_challenge_id, solve.title, solve.category, solve.domain, solve.points,
        solve.solved_at, solve.work_roles, solve.retired)
       IS DISTINCT FROM
       (excluded.remote_challenge_id, excluded.title, excluded.category, excluded.domain, excluded.points,
        excluded.solved_at, excluded.work_roles, excluded.retired)
RETURNING solve.account_id, solve.xmax = 0
"""


@dataclass(frozen=True, kw_only=True)
class SolvesWritten:
    """New solves per account, and every account for which something is new or different."""

    added: Counter[UUID] = field(default_factory=Counter)
    changed: set[UUID] = field(default_factory=set)


def write_solves(batch: Sequence[Fetched], now: datetime) -> SolvesWritten:
    """Add or change the solves of a batch, whose events must be there already.

    Args:
        batch: what came in.
        now: becomes `first_seen_at` of new rows.
    """
    rows = [row for fetched in batch for row in _rows(fetched)]
    written = SolvesWritten()
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [now, msgspec.json.encode(rows).decode()])
        for account_id, added in cursor.fetchall():
            written.changed.add(account_id)
            written.added[account_id] += added
    return written


def _rows(fetched: Fetched) -> Iterator[dict[str, Any]]:
    practice = fetched.practice.solves if fetched.practice else ()
    yield from _of_source(fetched.account_id, Solve.Source.ODL, None, practice)
    for event in fetched.events or ():
        yield from _of_source(fetched.account_id, Solve.Source.FLASH_CTF, event, event.solves)


def _of_source(
    account_id: UUID, source: Solve.Source, event: EventEntry | None, solves: Iterable[PlatformSolve]
) -> Iterator[dict[str, Any]]:
    for solve in solves:
        yield {
            "account_id": account_id,
            "source": source.value,
            "event_name": event and event.name,
            "event_starts_at": event and event.starts_at,
            "solve_id": solve.solve_id,
            "challenge_id": solve.challenge_id,
            "title": solve.title,
            "category": solve.category,
            "domain": domain_of(solve.category),
            "points": solve.points,
            "solved_at": solve.solved_at,
            "work_roles": solve.work_roles,
            "retired": solve.retired,
        }
