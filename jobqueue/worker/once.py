"""One cycle from its start to its end in this process, recorded as a `WorkerCycle`."""

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import Error

from jobqueue import pauses
from jobqueue.audit import Actor
from jobqueue.conf import conf
from jobqueue.cycles import record
from jobqueue.cycles.run import DISABLED
from jobqueue.cycles.tally import Tally
from jobqueue.models import WorkerCycle
from jobqueue.models.worker_cycle import CycleSource, CycleStatus
from jobqueue.worker.run import run_worker

log = logging.getLogger("jobqueue.worker")


def run_once(
    *,
    source: CycleSource = CycleSource.MANUAL,
    cycle: UUID | None = None,
    concurrency: int | None = None,
    queues: Sequence[str] = (),
    limit: int | None = None,
    force: bool = False,
) -> int:
    """Run what is due now, and tell of it.

    Args:
        source: who asks, if this makes the cycle's row.
        cycle: the id of the row that was made already, by `cycles.run_cycle`.
        concurrency, queues, limit: as for `run_worker`.
        force: also while everything is paused.

    Returns:
        How many jobs it claimed.

    Raises:
        SystemExit: status 1 after a defect, or if the cycle has ended before it began.
    """
    row = _row(source, cycle, limit, force)
    stop, tally = (None if row.is_forced else pauses.stop()), Tally()
    try:
        claimed = run_worker(
            concurrency=concurrency,
            queues=queues,
            with_scheduler=False,
            once=True,
            limit=limit,
            cycle=row.pk,
            tally=tally,
            despite_stop=row.is_forced,
        )
    except BaseException:
        _end(row, tally, CycleStatus.FAILED, "The worker stopped by a defect; its log says which.")
        raise
    if conf().DISABLED:
        _end(row, tally, CycleStatus.DISABLED, DISABLED)
    elif stop is not None and not claimed:
        _end(row, tally, CycleStatus.PAUSED, f"Everything is paused: {stop.reason}")
    else:
        _end(row, tally, CycleStatus.OK)
    return claimed


def _row(source: CycleSource, cycle: UUID | None, limit: int | None, force: bool) -> WorkerCycle:
    record.end_abandoned()
    if cycle is None:
        row = WorkerCycle(source=source, started_by=Actor.of_shell().name, limit=limit, is_forced=force)
        row.save(force_insert=True)
        cycle = row.pk
    if not record.adopt(cycle):
        log.error("The cycle %s has ended already, or another process runs it.", cycle)
        raise SystemExit(1)
    return WorkerCycle.objects.get(pk=cycle)


def _end(row: WorkerCycle, tally: Tally, status: CycleStatus, message: str = "") -> None:
    try:
        record.end(row.pk, status, message, tally.numbers())
    except Error as error:
        # The jobs' outcomes are stored, or will be repeated; the record alone is missing.
        log.warning("The database is away, so this cycle has no end on record: %s", str(error).strip())
