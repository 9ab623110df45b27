"""The one statement that computes totals, from solves and event results alone."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.utils import timezone

# The platform's own totals cover what it had when it was asked, so they are compared with the rows held then.
_RECOMPUTE = """
INSERT INTO gameplatform_accountstats
       (account_id, odl_challenges, odl_points, ctf_events, ctf_challenges, ctf_points, total_points,
        last_activity, platform_challenges, platform_points, platform_reported_at, differs, as_of, job_id)
SELECT state.account_id, solves.odl_challenges, solves.odl_points, results.events, solves.ctf_challenges,
       results.points, solves.odl_points + results.points, solves.last_activity,
       state.reported_challenges, state.reported_points, state.reported_at,
       state.reported_at IS NOT NULL
       AND (solves.held_challenges, solves.held_points)
           IS DISTINCT FROM (state.reported_challenges, state.reported_points),
       %(now)s, %(job_id)s
  FROM gameplatform_syncstate AS state
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE source = 'odl') AS odl_challenges,
              coalesce(sum(points) FILTER (WHERE source = 'odl'), 0) AS odl_points,
              count(*) FILTER (WHERE source = 'flash_ctf') AS ctf_challenges,
              count(*) FILTER (WHERE source = 'odl' AND first_seen_at <= state.reported_at) AS held_challenges,
              coalesce(sum(points) FILTER (WHERE source = 'odl' AND first_seen_at <= state.reported_at), 0)
                  AS held_points,
              max(solved_at) AS last_activity
         FROM gameplatform_solve
        WHERE account_id = state.account_id) AS solves
 CROSS JOIN LATERAL (
       SELECT count(*) AS events, coalesce(sum(points), 0) AS points
         FROM gameplatform_eventresult
        WHERE account_id = state.account_id) AS results
 WHERE state.account_id = ANY(%(ids)s)
 ORDER BY state.account_id
    ON CONFLICT (account_id) DO UPDATE
   SET odl_challenges = excluded.odl_challenges, odl_points = excluded.odl_points,
       ctf_events = excluded.ctf_events, ctf_challenges = excluded.ctf_challenges,
       ctf_points = excluded.ctf_points, total_points = excluded.total_points,
       last_activity = excluded.last_activity, platform_challenges = excluded.platform_challenges,
       platform_points = excluded.platform_points, platform_reported_at = excluded.platform_reported_at,
       differs = excluded.differs, as_of = excluded.as_of, job_id = excluded.job_id
RETURNING account_id, differs
"""


def recompute(ids: Collection[UUID], *, job_id: UUID | None) -> dict[UUID, bool]:
    """Write the totals of these accounts; returns for each whether the platform's own totals differ.

    Only what is committed or of this transaction counts, so lock the sync states first.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECOMPUTE, {"now": timezone.now(), "job_id": job_id, "ids": list(ids)})
        return dict(cursor.fetchall())
