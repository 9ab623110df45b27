"""Whether the chain is whole, as far as somebody has looked."""

from dataclasses import dataclass
from typing import Any

from jobqueue.audit import Head
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Action


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What the latest verification found."""

    by: AuditEntry
    """Its own entry: who looked, and when."""
    entries: int
    is_intact: bool
    problem: str
    since: int
    """How many entries were written after the last that was looked at."""


def latest() -> Chain | None:
    """The latest verification; None if there was none, or if its entry says nothing that can be read."""
    entry = AuditEntry.objects.filter(action=Action.AUDIT_VERIFY, is_refused=False).order_by("-number").first()
    found: Any = entry.after if entry else None
    if entry is None or not isinstance(found, dict):
        return None
    try:
        head, entries = Head.parse(str(found.get("head"))), int(found["entries"])
    except (ValueError, TypeError, KeyError):
        return None
    newest = AuditEntry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    return Chain(
        by=entry,
        entries=entries,
        is_intact=found.get("is_intact") is True,
        problem=str(found.get("problem", "")),
        since=max(0, newest - head.number),
    )
