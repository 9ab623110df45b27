"""Running a cycle on request: of few jobs, in a process of its own, awaited for a bounded time."""

import threading
from uuid import UUID

from django.db import connection, transaction

from jobqueue import audit
from jobqueue.audit import Actor
from jobqueue.conf import conf
from jobqueue.cycles import record
from jobqueue.cycles.process import CycleProcess
from jobqueue.cycles.result import CycleResult
from jobqueue.exceptions import InvalidOptionError
from jobqueue.models import WorkerCycle
from jobqueue.models.audit_entry import Action
from jobqueue.models.worker_cycle import CycleSource, CycleStatus
from jobqueue.rescue import rescue

MOST_JOBS = 10
CYCLE = "cycle"
DISABLED = "All workers are switched off by JOB_QUEUE_DISABLED."

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('jobqueue.cycles', 0))"


def run_cycle(limit: int, source: CycleSource, actor: Actor, *, force: bool = False) -> CycleResult:
    """Run up to `limit` due jobs now, and tell how that went.

    They run in a worker process of its own, never in this one. It is awaited for `CYCLE_WAIT_SECONDS`; then, or if the
    caller is gone, it goes on by itself. If it is killed, its jobs are rescued at once. No more than `CYCLES_AT_ONCE`
    such cycles run at the same time. Not to be called inside a transaction, which the other process could not see.

    Args:
        limit: from 1 to `MOST_JOBS`.
        actor: who asks. A person's cycles are audited; those of a machine, which come by the clock, are not.
        force: also while everything is paused; pauses of queues and task types hold, and so does JOB_QUEUE_DISABLED.

    Raises:
        InvalidOptionError: an impossible limit; nothing is run.
    """
    if not 1 <= limit <= MOST_JOBS:
        raise InvalidOptionError(f"limit is {limit}: expected a whole number from 1 to {MOST_JOBS}.")
    with transaction.atomic(durable=True):
        cycle = _begin(WorkerCycle(source=source, started_by=actor.name, limit=limit, is_forced=force), actor)
    if cycle is None:
        return CycleResult(
            cycle=None,
            status=CycleStatus.OK.value,
            message="Enough cycles are running already, so no further one was started; they take what is due.",
        )
    if cycle.status == CycleStatus.RUNNING:
        _await(cycle.pk, limit)
        cycle.refresh_from_db()
    return CycleResult.of(cycle)


def _begin(cycle: WorkerCycle, actor: Actor) -> WorkerCycle | None:
    """Store its row, or nothing if enough of them run."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
    record.end_abandoned()
    asked_for = (CycleSource.HTTP, CycleSource.MANUAL)
    running = WorkerCycle.objects.filter(finished_at=None, source__in=asked_for, limit__lte=MOST_JOBS).count()
    is_refused = running >= conf().CYCLES_AT_ONCE and not conf().DISABLED
    if not is_refused:
        cycle.save(force_insert=True)
        if conf().DISABLED:
            record.end(cycle.pk, CycleStatus.DISABLED, DISABLED)
            cycle.refresh_from_db()
    if actor.user_id is not None:
        audit.record(
            actor,
            Action.WORKER_RUN,
            object_type=CYCLE,
            object_id="" if is_refused else str(cycle.pk),
            object_label=f"up to {cycle.limit} jobs",
            after={"limit": cycle.limit, "force": cycle.is_forced},
            reason=f"{running} cycles are running already" if is_refused else "",
            is_refused=is_refused,
        )
    return None if is_refused else cycle


def _await(cycle: UUID, limit: int) -> None:
    try:
        process = CycleProcess(cycle, limit)
    except OSError as error:
        record.end(cycle, CycleStatus.FAILED, f"The worker cannot be started: {error.strerror}.")
        return
    if process.wait(conf().CYCLE_WAIT_SECONDS):
        _settle(cycle, process)
    else:
        # Whoever asked goes on; a thread that costs nothing waits for the rest.
        threading.Thread(target=_await_end, args=(cycle, process), name="jobqueue-cycle", daemon=True).start()


def _await_end(cycle: UUID, process: CycleProcess) -> None:
    process.wait()
    try:
        _settle(cycle, process)
    finally:
        connection.close()


def _settle(cycle: UUID, process: CycleProcess) -> None:
    """A process that ended well has told everything itself. We have seen the other die: nobody need miss its beats."""
    last_words = process.end()
    if last_words and record.end(cycle, CycleStatus.FAILED, last_words):
        worker = WorkerCycle.objects.values_list("worker", flat=True).get(pk=cycle)
        if worker is not None:
            rescue(worker)
