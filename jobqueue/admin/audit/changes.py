"""What an audit entry says in a line: the fields that changed, and a link to their object if it has a page."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from jobqueue.admin.audit.choices import say_action, say_object
from jobqueue.models import AuditEntry
from jobqueue.operations.jobs import JOB
from jobqueue.operations.schedules import SCHEDULE

MOST_CHANGES = 6
_LONGEST_VALUE = 120
_NOTHING = {None, "null", "[]", "{}", ""}
_PAGES = {JOB: "admin:jobqueue_job_change", SCHEDULE: "admin:jobqueue_schedule_change"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field; None is "was not there", or "is gone"."""

    name: str
    before: str | None
    after: str | None

    @property
    def is_empty(self) -> bool:
        """A field of something new, or of something gone, that held nothing."""
        return {self.before, self.after} <= _NOTHING


@dataclass(frozen=True, kw_only=True)
class Row:
    """An entry as the lists show it."""

    entry: AuditEntry
    action: str
    """In plain words."""
    kind: str
    """Of the object, in plain words."""
    changes: list[Change]
    more: int
    """How many further fields changed."""
    url: str
    """Of the object; empty if it has no page."""


def rows(entries: Iterable[AuditEntry]) -> list[Row]:
    """The entries with what there is to say of each."""
    return [_row(entry) for entry in entries]


def page_of(entry: AuditEntry) -> str:
    """The address of the object's page; empty if it has none. Other apps name their objects as "app.model"."""
    name = _PAGES.get(entry.object_type) or f"admin:{entry.object_type.replace('.', '_')}_change"
    try:
        return reverse(name, args=[entry.object_id]) if entry.object_id else ""
    except NoReverseMatch:
        return ""


def _row(entry: AuditEntry) -> Row:
    # What was refused left everything as it was.
    found = [] if entry.is_refused else [one for one in changes(entry.before, entry.after) if not one.is_empty]
    return Row(
        entry=entry,
        action=say_action(entry.action),
        kind=say_object(entry.object_type),
        changes=found[:MOST_CHANGES],
        more=max(0, len(found) - MOST_CHANGES),
        url=page_of(entry),
    )


def changes(before: Any, after: Any) -> list[Change]:
    """The fields that differ, in the order of the first that has them; long values are cut."""
    return [
        Change(name=change.name, before=_cut(change.before), after=_cut(change.after))
        for change in all_changes(before, after)
    ]


def all_changes(before: Any, after: Any) -> list[Change]:
    """As `changes`, with whole values."""
    old, new = _fields(before), _fields(after)
    return [
        Change(name=name, before=_said(old, name), after=_said(new, name))
        for name in old | new
        if name not in old or name not in new or old[name] != new[name]
    ]


def _fields(state: Any) -> dict[str, Any]:
    if state is None:
        return {}
    return state if isinstance(state, dict) else {"value": state}


def _said(fields: dict[str, Any], name: str) -> str | None:
    if name not in fields:
        return None
    value = fields[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
