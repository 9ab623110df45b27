"""What a scheduled job counts, and how it reports that as its result."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from msgspec import Struct, field

_FAILURES_SHOWN = 20


class Failure(Struct, frozen=True, kw_only=True):
    """Which collector failed for which account, and why."""

    account: UUID
    collector: str
    code: str
    message: str


class Tally(Struct, kw_only=True):
    """The counts of all attempts so far; part of the checkpoint."""

    requests: int = 0
    items: int = 0
    rows: int = 0
    scored: int = 0
    skipped: int = 0
    failures: int = 0
    first_failures: list[Failure] = field(default_factory=list)

    def add_failure(self, failure: Failure) -> None:
        """Count it, and keep it if it is one of the first."""
        self.failures += 1
        if len(self.first_failures) < _FAILURES_SHOWN:
            self.first_failures.append(failure)


class ScheduledResult(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The metrics of one run; a dry run counts what it would have written.

    `accounts` are those in scope, `items_collected` solves, events, profiles and assignments, `rows_written` snapshots
    and score points, `accounts_scored` those with at least one day to score. `skipped` calls were about accounts that
    are known to be not approved or not on the platform; `failures` are calls that failed otherwise.
    """

    accounts: int
    requests_made: int
    items_collected: int
    rows_written: int
    accounts_scored: int
    skipped: int
    failures: int
    seconds: float
    dry_run: bool = False
    first_failures: Sequence[Failure] = ()


def as_result(tally: Tally, *, accounts: int, started_at: datetime, dry_run: bool) -> ScheduledResult:
    """The result of a job that began at `started_at`, by its first attempt."""
    return ScheduledResult(
        accounts=accounts,
        requests_made=tally.requests,
        items_collected=tally.items,
        rows_written=tally.rows,
        accounts_scored=tally.scored,
        skipped=tally.skipped,
        failures=tally.failures,
        seconds=round((timezone.now() - started_at).total_seconds(), 3),
        dry_run=dry_run,
        first_failures=tuple(tally.first_failures),
    )
