"""The ledger of effects: what a handler did to the world and must not do twice, whoever runs it again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from jobqueue.models import Effect

_LONGEST_KEY = 255
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# A second one with the same key waits here until the first one's transaction has ended one way or the other.
_APPLY = """
INSERT INTO jobqueue_effect (task_type, key, job_id, claim, applied_at, suppressed)
VALUES (%s, %s, %s, %s, statement_timestamp(), 0)
ON CONFLICT (task_type, key) DO NOTHING
"""
_SUPPRESS = """
UPDATE jobqueue_effect SET suppressed = suppressed + 1, suppressed_at = statement_timestamp()
WHERE task_type = %s AND key = %s
"""
# By their place in the table, which they keep while they are locked: by key, the planner would read the whole table.
_DELETE_BATCH = """
DELETE FROM jobqueue_effect WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM jobqueue_effect WHERE applied_at < %(cut)s
    ORDER BY applied_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
"""


@contextmanager
def applied_once(task_type: str, key: str, *, job: UUID, claim: int) -> Iterator[bool]:
    """A transaction for an effect; see `JobContext.effect`.

    Args:
        job: who applies it.
        claim: under which claim.

    Yields:
        Whether the effect is to be applied now: no committed transaction has applied it before.

    Raises:
        ValueError: the key is not 1 to 255 storable characters.
    """
    if not isinstance(key, str) or not 1 <= len(key) <= _LONGEST_KEY or _UNSTORABLE.search(key):
        raise ValueError(
            f"The key of an effect is {str(key)[:80]!r}: "
            f"expected 1 to {_LONGEST_KEY} characters without NUL and half surrogates."
        )
    with transaction.atomic():
        yield _is_first(task_type, key, job, claim)


def _is_first(task_type: str, key: str, job: UUID, claim: int) -> bool:
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_APPLY, [task_type, key, job, claim])
            if cursor.rowcount:
                return True
            cursor.execute(_SUPPRESS, [task_type, key])
            if cursor.rowcount:
                return False
            # It was forgotten between the two statements.


def suppressed(since: datetime) -> QuerySet[Effect]:
    """The effects that would have been applied again since then, the latest first."""
    return Effect.objects.filter(suppressed__gt=0, suppressed_at__gte=since).order_by("-suppressed_at")


def forget(task_type: str, key: str) -> bool:
    """Let an effect be applied again, as when an operator has undone it by hand; whether it was known."""
    deleted, _ = Effect.objects.filter(task_type=task_type, key=key).delete()
    return deleted > 0


def clean_up(older_than: timedelta, batch: int = 1_000) -> int:
    """Forget one batch of effects that were applied longer ago than that.

    Returns:
        How many were forgotten; fewer than `batch` means that none are left.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_BATCH, {"cut": timezone.now() - older_than, "limit": batch})
        return int(cursor.rowcount)
