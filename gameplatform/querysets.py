"""Reading the mirror. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    # Named as text in the base classes below, where ruff does not look.
    from gameplatform.models.account import Account  # noqa: F401
    from gameplatform.models.sync_state import SyncState  # noqa: F401


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts by what the sync and the pages ask of them."""

    def competitors(self, coach_id: int | None = None) -> "AccountQuerySet":
        """All competitors, or those of one coach."""
        competitors = self.filter(kind="competitor")
        return competitors if coach_id is None else competitors.filter(coach_id=coach_id)

    def of_coaches(self, coach_ids: Collection[int]) -> "AccountQuerySet":
        """Those of any of these coaches."""
        return self.filter(coach_id__in=coach_ids)

    def due(self, now: datetime) -> "AccountQuerySet":
        """Those whose next sync is due at `now`, never synced ones included."""
        return self.filter(Q(sync_state__isnull=True) | Q(sync_state__next_due__lte=now))

    def page(self, after: UUID | None, size: int) -> "AccountQuerySet":
        """At most `size` accounts with ids beyond `after`, in the order of their ids."""
        rest = self if after is None else self.filter(pk__gt=after)
        return rest.order_by("pk")[:size]


class SyncStateQuerySet(models.QuerySet["SyncState"]):
    """Sync states by what the totals sweep asks of them."""

    def flagged(self) -> "SyncStateQuerySet":
        """Those whose account's totals are older than its rows."""
        return self.filter(needs_totals_refresh=True)

    def in_scope(self, coach_id: int | None) -> "SyncStateQuerySet":
        """All, or those of one coach's accounts."""
        return self if coach_id is None else self.filter(account__coach_id=coach_id)
