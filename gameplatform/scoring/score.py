"""The one statement that computes score points, from snapshots alone."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

# Snapshots of one account come to light in the order of their times. So all up to its last point's are scored, and
# the rest are those behind it; `since` goes further back to score days again. A day's score is that of its end:
# a collector that did not run on the day counts as it last did before.
SCORE = """
WITH unscored AS (
       SELECT account.id AS account_id, fresh.day, fresh.newest
         FROM unnest(%(ids)s::uuid[]) AS account (id)
         LEFT JOIN LATERAL (
              SELECT point.as_of
                FROM gameplatform_scorepoint AS point
               WHERE point.account_id = account.id
               ORDER BY point.day DESC
               LIMIT 1) AS last ON true
        CROSS JOIN LATERAL (
              SELECT snapshot.day, max(snapshot.taken_at) AS newest
                FROM gameplatform_snapshot AS snapshot
               WHERE snapshot.account_id = account.id
                 AND snapshot.collector IN ('solves', 'events')
                 AND snapshot.taken_at > least(coalesce(last.as_of, '-infinity'),
                                               %(since)s::timestamptz - interval '1 microsecond')
               GROUP BY snapshot.day) AS fresh),
     written AS (
       INSERT INTO gameplatform_scorepoint AS point
              (account_id, day, challenges, points, practice_points, ctf_points, ctf_events, as_of)
       SELECT unscored.account_id, unscored.day,
              coalesce((solves.data->>'challenges')::int, 0) + coalesce((events.data->>'challenges')::int, 0),
              coalesce((solves.data->>'points')::bigint, 0) + coalesce((events.data->>'points')::bigint, 0),
              coalesce((solves.data->>'points')::bigint, 0),
              coalesce((events.data->>'points')::bigint, 0),
              coalesce((events.data->>'events')::int, 0),
              unscored.newest
         FROM unscored
         LEFT JOIN LATERAL (
              SELECT data
                FROM gameplatform_snapshot
               WHERE account_id = unscored.account_id AND collector = 'solves' AND taken_at <= unscored.newest
               ORDER BY taken_at DESC, id DESC
               LIMIT 1) AS solves ON true
         LEFT JOIN LATERAL (
              SELECT data
                FROM gameplatform_snapshot
               WHERE account_id = unscored.account_id AND collector = 'events' AND taken_at <= unscored.newest
               ORDER BY taken_at DESC, id DESC
               LIMIT 1) AS events ON true
        ORDER BY unscored.account_id, unscored.day
           ON CONFLICT (account_id, day) DO UPDATE
          SET challenges = excluded.challenges, points = excluded.points,
              practice_points = excluded.practice_points, ctf_points = excluded.ctf_points,
              ctf_events = excluded.ctf_events, as_of = excluded.as_of
        WHERE (point.challenges, point.points, point.practice_points, point.ctf_points, point.ctf_events, point.as_of)
              IS DISTINCT FROM
              (excluded.challenges, excluded.points, excluded.practice_points, excluded.ctf_points,
               excluded.ctf_events, excluded.as_of)
       RETURNING 1)
SELECT (SELECT count(DISTINCT account_id) FROM unscored), (SELECT count(*) FROM written)
"""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """How many accounts had a day to score, and how many points are new or different."""

    accounts: int
    points: int


def score(ids: Collection[UUID], *, since: str) -> Scored:
    """Write the score points of these accounts for every day with a snapshot that is not scored yet.

    Points whose snapshots are gone stay as they are.

    Args:
        ids: the accounts.
        since: a time as PostgreSQL reads it; days with snapshots since then are scored again. "infinity" for none,
            "-infinity" for all.
    """
    with connection.cursor() as cursor:
        cursor.execute(SCORE, {"ids": list(ids), "since": since})
        accounts, points = cursor.fetchone()
    return Scored(accounts=accounts, points=points)
