"""Processing: paused and resumed by people, as a whole, by queue or by task type."""

from datetime import datetime
from typing import Any

from django.db import transaction

from jobqueue import pauses
from jobqueue.audit import Actor, record
from jobqueue.models import Pause
from jobqueue.models.audit_entry import Action
from jobqueue.models.pause import PauseScope

PROCESSING = "processing"


def pause(
    actor: Actor,
    *,
    reason: str,
    scope: PauseScope = PauseScope.EVERYTHING,
    name: str = "",
    ends_at: datetime | None = None,
) -> Pause:
    """As `pauses.pause`, on behalf of the actor."""
    with transaction.atomic():
        before = _facts(scope, name)
        row = pauses.pause(reason=reason, scope=scope, name=name, by=actor.user_id, ends_at=ends_at)
        _record(actor, Action.PROCESSING_PAUSE, row, before=before, after=_facts(scope, name), reason=reason)
    return row


def resume(actor: Actor, *, scope: PauseScope = PauseScope.EVERYTHING, name: str = "") -> bool:
    """As `pauses.resume`; resuming what is not paused is recorded as refused."""
    with transaction.atomic():
        before = _facts(scope, name)
        was_paused = pauses.resume(scope=scope, name=name)
        refusal = "" if was_paused else "not paused"
        _record(actor, Action.PROCESSING_RESUME, Pause(scope=scope, name=name), before=before, refusal=refusal)
    return was_paused


def _facts(scope: PauseScope, name: str) -> dict[str, Any] | None:
    found = Pause.objects.order_by().select_for_update().filter(scope=scope, name=name)
    row = found.values("reason", "since", "ends_at", "created_by_id").first()
    return dict(row) if row else None


def _record(
    actor: Actor,
    action: Action,
    row: Pause,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    refusal: str = "",
) -> None:
    record(
        actor,
        action,
        object_type=PROCESSING,
        object_id=f"{row.scope}:{row.name}" if row.name else str(row.scope),
        object_label=str(row),
        before=before,
        after=after,
        reason=refusal or reason,
        is_refused=bool(refusal),
    )
