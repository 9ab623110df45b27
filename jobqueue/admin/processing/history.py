"""What was paused and resumed lately, and by whom; from the audit log."""

from collections.abc import Sequence

from jobqueue.admin.audit.changes import Row, rows
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Action

MOST = 15


def latest() -> Sequence[Row]:
    """The newest entries about pauses. Each action has its own index; together they would have none."""
    found: list[AuditEntry] = []
    for action in (Action.PROCESSING_PAUSE, Action.PROCESSING_RESUME):
        found += AuditEntry.objects.filter(action=action).order_by("-number")[:MOST]
    return rows(sorted(found, key=lambda entry: -entry.number)[:MOST])
