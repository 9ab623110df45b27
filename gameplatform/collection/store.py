"""Keeps what a batch of calls found: one statement however many accounts."""

from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from gameplatform.collection.collectors import Found
from gameplatform.models import Snapshot
from gameplatform.sync.lock import lock_accounts

type Harvest = Mapping[tuple[UUID, Snapshot.Collector], Found]
"""What was found, by account and collector."""


def store(harvest: Harvest, *, job_id: UUID) -> int:
    """Write the snapshots of a batch and return how many there are now.

    A job has one of each account and collector: what another attempt wrote already is replaced. Accounts deleted
    since they were read have none.
    """
    with transaction.atomic():
        accounts = lock_accounts({account_id for account_id, _ in harvest})
        # After the locks, so that snapshots of one account come to light in the order of their times: scoring
        # takes those that are newer than what it has seen.
        now = timezone.now()
        snapshots = [
            Snapshot(
                account_id=account_id,
                collector=collector,
                taken_at=now,
                day=now.astimezone(UTC).date(),
                job_id=job_id,
                items=found.items,
                data=found.data,
            )
            for (account_id, collector), found in harvest.items()
            if account_id in accounts
        ]
        Snapshot.objects.bulk_create(
            snapshots,
            update_conflicts=True,
            unique_fields=["account", "collector", "job_id"],
            update_fields=["taken_at", "day", "items", "data"],
        )
    return len(snapshots)
