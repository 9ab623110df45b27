"""Pausing and resuming: rows that the claim looks at."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from jobqueue.models import Pause
from jobqueue.models.pause import PauseScope
from jobqueue.parking import unpark
from jobqueue.wakeup import wake_after_commit

_AT_ONCE = 5_000


def pause(
    *,
    reason: str,
    scope: PauseScope = PauseScope.EVERYTHING,
    name: str = "",
    by: int | None = None,
    ends_at: datetime | None = None,
) -> Pause:
    """Stop claiming in a scope, from the next claim on; a pause of the same scope is replaced.

    Args:
        name: the queue or task type; empty for everything.
        by: the id of the user who asks.
        ends_at: when it ends by itself; None for never.
    """
    row, _ = Pause.objects.update_or_create(
        scope=scope,
        name=name,
        defaults={"reason": reason, "created_by_id": by, "since": timezone.now(), "ends_at": ends_at},
    )
    return row


def resume(*, scope: PauseScope = PauseScope.EVERYTHING, name: str = "") -> bool:
    """End a pause; returns whether there was one."""
    with transaction.atomic():
        deleted, _ = Pause.objects.filter(scope=scope, name=name).delete()
        if deleted:
            unpark(_AT_ONCE)  # what is more follows within seconds, by the workers' upkeep
            wake_after_commit()
    return bool(deleted)


def stop() -> Pause | None:
    """The pause of everything, if one is in force."""
    in_force = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    return Pause.objects.filter(in_force, scope=PauseScope.EVERYTHING).first()
