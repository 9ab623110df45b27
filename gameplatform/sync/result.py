"""What a sync reports as the job's result."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from gameplatform.totals.change import AccountChange


class Competitors(Struct, frozen=True, kw_only=True):
    """How many were worked off, and how that went; skipped ones are not approved on the platform yet."""

    total: int
    synced: int
    skipped: int
    failed: int


class Failure(Struct, frozen=True, kw_only=True):
    """Which account failed, and why."""

    account: UUID
    code: str
    message: str


class SyncResult(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`events_added` counts results of competitors in events; `failures` and `changes` (of a dry run) are the first."""

    competitors: Competitors
    solves_added: int
    events_added: int
    requests: int
    seconds: float
    failures: Sequence[Failure]
    dry_run: bool = False
    changes: Sequence[AccountChange] = ()
