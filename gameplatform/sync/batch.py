"""Writes one fetched batch in the caller's transaction, with a constant number of statements."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from gameplatform.conf import conf
from gameplatform.models import Account, SyncState
from gameplatform.sync.apply import apply
from gameplatform.sync.fetch import Fetched
from gameplatform.sync.lock import lock_accounts, lock_states
from gameplatform.sync.write_events import write_events, write_results
from gameplatform.sync.write_solves import write_solves

_ACCOUNT_FIELDS = ["link_state", "remote_id", "username", "status", "last_login", "last_seen"]
_STATE_FIELDS = [
    each.name
    for each in SyncState._meta.concrete_fields  # noqa: SLF001  Django's public model API
    if not each.primary_key
]


@dataclass(frozen=True, kw_only=True)
class BatchOutcome:
    """What a batch came to: counts, failures, new solves per account, accounts whose totals are outdated."""

    synced: int
    skipped: int
    failed: Sequence[Fetched]
    events_added: int
    solves_added: Counter[UUID] = field(default_factory=Counter)
    outdated: Collection[UUID] = ()


def write_batch(batch: Sequence[Fetched]) -> BatchOutcome:
    """Rows, watermarks, flags and failures of a batch, all in the transaction under way.

    Accounts deleted since they were read are left out and counted as skipped.
    """
    accounts = lock_accounts([fetched.account_id for fetched in batch])
    states = lock_states(accounts)
    present = [fetched for fetched in batch if fetched.account_id in accounts]
    # After the locks, so that times of one account never run backwards from sync to sync.
    now = timezone.now()
    write_events(present)
    solves = write_solves(present, now)
    results = write_results(present)
    changed = solves.changed | results.changed
    for fetched in present:
        states[fetched.account_id].needs_totals_refresh |= fetched.account_id in changed
    _apply(present, accounts, states, now)
    failed = [fetched for fetched in present if fetched.error is not None]
    waiting = sum(fetched.error is None and fetched.awaits_approval for fetched in present)
    return BatchOutcome(
        synced=len(present) - len(failed) - waiting,
        skipped=waiting + len(batch) - len(present),
        failed=failed,
        events_added=results.added,
        solves_added=solves.added,
        outdated=[state.pk for state in states.values() if state.needs_totals_refresh],
    )


def _apply(
    present: Sequence[Fetched], accounts: dict[UUID, Account], states: dict[UUID, SyncState], now: datetime
) -> None:
    """Save every state, and those accounts that differ; the rows exist, as they are locked."""
    settings = conf()
    changed = []
    for fetched in present:
        account = accounts[fetched.account_id]
        before = _values(account)
        apply(fetched, account, states[account.pk], now, settings)
        if _values(account) != before:
            changed.append(account)
    Account.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_ACCOUNT_FIELDS)
    SyncState.objects.bulk_create(
        states.values(), update_conflicts=True, unique_fields=["account"], update_fields=_STATE_FIELDS
    )


def _values(account: Account) -> list[object]:
    return [getattr(account, name) for name in _ACCOUNT_FIELDS]
