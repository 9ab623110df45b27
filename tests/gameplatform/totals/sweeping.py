"""Runs a totals sweep the way its job does, child jobs included."""

from uuid import UUID

from gameplatform.totals.sweep import SweepOptions, SweepResult, sweep
from tests.gameplatform.job import FakeJob


def sweep_totals(
    job: FakeJob | None = None,
    *,
    batch_size: int = 7,
    dry_run: bool = False,
    coach_id: int | None = None,
    every: bool = False,
    after: UUID | None = None,
) -> SweepResult:
    """One sweep; a child that it asks for is in `job.children`."""
    job = job or FakeJob()
    options = SweepOptions(batch_size=batch_size, dry_run=dry_run, coach_id=coach_id, every=every, after=after)
    return sweep(job, options, lambda last: job.children.append(("game_platform_totals_sweep", last)))
