"""Deleting what is past its retention, in small batches that lock nothing for long."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from jobqueue import rates, throughput
from jobqueue.conf import conf
from jobqueue.cycles import record as cycles
from jobqueue.ids import first_id_at
from jobqueue.models import Alert, Failure, QuickRun, Worker
from jobqueue.planner import by_index
from jobqueue.registry import registry
from jobqueue.states import FINISHED, Status

_BATCH = 1_000
_NO_ID = UUID(int=0)

# What finished before the cut was made before it, so the bound on the id (which begins with a time) keeps the walk
# over the index (status, id) to old jobs, and no index on `finished_at` is needed. Each batch goes on where the last
# one ended: what is kept longer is walked over once.
_OLD = """
    SELECT job.id FROM jobqueue_job AS job
    WHERE job.status = %(status)s AND job.id > %(after)s AND job.id < %(bound)s
      AND job.finished_at < coalesce(
          (SELECT own.cut FROM unnest(%(types)s::text[], %(cuts)s::timestamptz[]) AS own (name, cut)
           WHERE own.name = job.task_type), %(cut)s)
"""
_DELETE_BATCH = f"""
WITH gone AS (
    DELETE FROM jobqueue_job WHERE id = ANY (ARRAY(
        {_OLD} ORDER BY job.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
    RETURNING id
)
SELECT count(*), (SELECT id FROM gone ORDER BY id DESC LIMIT 1) FROM gone
"""  # noqa: S608  constants only
_FORGET_OCCURRENCES = """
DELETE FROM jobqueue_occurrence
WHERE id = ANY (ARRAY(SELECT id FROM jobqueue_occurrence ORDER BY id LIMIT %s)) AND fired_at < %s
"""
_COUNT = f"SELECT count(*) FROM ({_OLD}) AS old"  # noqa: S608  constants only


def delete_finished(
    *,
    statuses: Iterable[Status] = FINISHED,
    older_than: timedelta | None = None,
    between_batches: Callable[[], None] = lambda: None,
) -> dict[str, int]:
    """Delete finished jobs past their retention with their history, in batches of a transaction each.

    Args:
        older_than: delete what ended before so long, whatever its retention.
        between_batches: called before each batch; what it raises ends the work.

    Returns:
        The number deleted by status.
    """
    return {status.value: _delete(_params(status, older_than), between_batches) for status in statuses}


def count_finished(*, statuses: Iterable[Status] = FINISHED, older_than: timedelta | None = None) -> dict[str, int]:
    """How many jobs `delete_finished` would delete now, by status."""
    counts: dict[str, int] = {}
    for status in statuses:
        with by_index() as cursor:
            cursor.execute(_COUNT, _params(status, older_than))
            (counts[status.value],) = cursor.fetchone() or (0,)
    return counts


def forget_ended() -> None:
    """Delete the rows of workers long gone, failures that were not seen for as long as failed jobs are kept, and the
    history of schedules, of worker cycles and of throughput past its own time, and callers that were long silent.
    """
    settings, now = conf(), timezone.now()
    # A row without an end may be of a worker whose loss nobody has noticed yet: its jobs are still to be rescued.
    ended = Worker.objects.exclude(stopped_at=None, lost_at=None)
    ended.filter(beat_at__lt=now - settings.KEEP_WORKERS).delete()
    Failure.objects.filter(last_seen_at__lt=now - settings.RETENTION_FAILED).delete()
    QuickRun.objects.filter(pk__lt=first_id_at(now - settings.KEEP_QUICK_RUNS)).delete()
    Alert.objects.filter(cleared_at__lt=now - settings.KEEP_OCCURRENCES).delete()
    cycles.forget(settings.KEEP_CYCLES)
    throughput.forget(settings.KEEP_THROUGHPUT)
    _forget_occurrences(now - settings.KEEP_OCCURRENCES)
    rates.forget_idle()


def _forget_occurrences(before: datetime) -> None:
    # Ids grow as the rows are written, so the oldest come first and the walk ends at the first batch that is young.
    deleted = _BATCH
    while deleted == _BATCH:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET_OCCURRENCES, [_BATCH, before])
            deleted = cursor.rowcount


def retention(status: Status) -> timedelta:
    """How long jobs that ended so are kept, if their task type says nothing else."""
    settings = conf()
    is_good = status in (Status.SUCCEEDED, Status.CANCELLED)
    return settings.RETENTION_SUCCEEDED if is_good else settings.RETENTION_FAILED


def _params(status: Status, older_than: timedelta | None) -> dict[str, Any]:
    now = timezone.now()
    own: dict[str, datetime] = {}
    if older_than is None:
        kept = {name: registry.get(name).keeps(status) for name in registry.names()}
        own = {name: now - span for name, span in kept.items() if span is not None}
    cut = now - (retention(status) if older_than is None else older_than)
    return {
        "status": status.value,
        "after": _NO_ID,
        "bound": first_id_at(max([cut, *own.values()])),
        "cut": cut,
        "types": list(own),
        "cuts": list(own.values()),
        "limit": _BATCH,
    }


def _delete(params: dict[str, Any], between_batches: Callable[[], None]) -> int:
    total, deleted = 0, _BATCH
    while deleted == _BATCH:
        between_batches()
        with by_index() as cursor:
            cursor.execute(_DELETE_BATCH, params)
            deleted, last = cursor.fetchone() or (0, None)
        total += deleted
        params["after"] = last or params["after"]
    return total
