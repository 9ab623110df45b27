"""The pass that deletes snapshots which are too old."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.utils import timezone

from gameplatform.conf import conf
from gameplatform.context import Job
from gameplatform.models import Account
from gameplatform.tally import Tally

_MOST_AT_ONCE = 5_000

# The newest one before the limit stays: a later day on which that collector did not run rests on it.
# Materialized, because a subquery with a limit could be run once for each row and then limits nothing.
_DELETE_OLD = """
WITH old AS MATERIALIZED (
       SELECT snapshot.id
         FROM gameplatform_snapshot AS snapshot
        WHERE snapshot.account_id = ANY(%(ids)s)
          AND snapshot.taken_at < %(limit)s
          AND EXISTS (
              SELECT FROM gameplatform_snapshot AS newer
               WHERE newer.account_id = snapshot.account_id
                 AND newer.collector = snapshot.collector
                 AND newer.taken_at > snapshot.taken_at
                 AND newer.taken_at < %(limit)s)
        ORDER BY snapshot.id
        LIMIT %(most)s
          FOR UPDATE SKIP LOCKED)
DELETE FROM gameplatform_snapshot AS snapshot
 USING old
 WHERE snapshot.id = old.id
"""


class Expire:
    """Fulfils `Pass`: each collection tidies up behind the accounts in its scope.

    Args:
        job: asked to stop between two statements.
    """

    label = "Tidying up"

    def __init__(self, job: Job) -> None:
        self._job = job
        self._limit = timezone.now() - conf().KEEP_SNAPSHOTS

    def work(self, accounts: Sequence[Account], _tally: Tally) -> None:
        """Delete in statements of a bounded size until nothing is left to delete."""
        ids = [account.pk for account in accounts]
        while self._delete_some(ids) == _MOST_AT_ONCE:
            self._job.check_cancelled()

    def _delete_some(self, ids: list[UUID]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_DELETE_OLD, {"ids": ids, "limit": self._limit, "most": _MOST_AT_ONCE})
            deleted: int = cursor.rowcount
        return deleted
