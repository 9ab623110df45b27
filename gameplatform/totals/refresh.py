"""Recomputes one batch of accounts and clears their flags, so that nothing new can slip in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from gameplatform.models import SyncState
from gameplatform.querysets import SyncStateQuerySet
from gameplatform.totals.change import AccountChange, changes_between, totals_of
from gameplatform.totals.recompute import recompute


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """The accounts that were recomputed, in the order of their ids; the changes only of a dry run."""

    accounts: Sequence[UUID]
    differing: int
    changes: Sequence[AccountChange]


def refresh(page: SyncStateQuerySet, *, job_id: UUID, dry_run: bool) -> Refreshed:
    """Recompute the accounts of an ordered, limited page of sync states.

    A sync changes rows and flag under the same lock: it is either counted here or sets the flag anew later.
    """
    with transaction.atomic():
        ids = list(page.select_for_update(of=("self",)).values_list("pk", flat=True))
        before = totals_of(ids) if dry_run else {}
        differs = recompute(ids, job_id=job_id)
        SyncState.objects.filter(pk__in=ids).update(needs_totals_refresh=False)
        after = totals_of(ids) if dry_run else {}
        transaction.set_rollback(dry_run)
    return Refreshed(accounts=ids, differing=sum(differs.values()), changes=changes_between(before, after, {}))
