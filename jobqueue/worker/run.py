"""One worker from its start to its end, in this process and those that it forks."""

import os
from collections.abc import Sequence
from uuid import UUID

from django.db import connections

from jobqueue.cycles.tally import Tally
from jobqueue.executor import child
from jobqueue.executor.zygote import Zygote
from jobqueue.worker.supervisor import Supervisor


def run_worker(
    *,
    concurrency: int | None = None,
    queues: Sequence[str] = (),
    with_scheduler: bool = True,
    once: bool = False,
    limit: int | None = None,
    cycle: UUID | None = None,
    tally: Tally | None = None,
    despite_stop: bool = False,
) -> int:
    """Work until stopped; anew if declared lost.

    Args:
        concurrency: executor processes; default: `default_concurrency`.
        queues: claim from these only; empty for all.
        once: run what is due now, then end.
        limit: claim at most this many jobs in all.
        cycle, tally: the row that is kept up to date and what counts for it; see `once.py`.
        despite_stop: also while everything is paused.

    Returns:
        How many jobs it claimed.

    Raises:
        SystemExit: status 1 after a defect.
    """
    connections.close_all()  # a fork must not share one
    zygote = Zygote(child.main)
    is_lost = True
    while is_lost:
        supervisor = Supervisor(
            zygote,
            concurrency=concurrency or default_concurrency(),
            queues=queues,
            with_scheduler=with_scheduler,
            once=once,
            limit=limit,
            cycle=cycle,
            tally=tally,
            despite_stop=despite_stop,
        )
        is_lost = supervisor.run()
    zygote.close()
    return supervisor.jobs_claimed


def default_concurrency() -> int:
    """The number of processors, at least 2: while one job waits for a network, another runs."""
    return max(2, os.cpu_count() or 2)
