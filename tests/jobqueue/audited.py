"""Who acts in tests of the audit log, and how its database is tampered with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from jobqueue.audit import Actor, record
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Channel

ALICE = Actor(name="alice", channel=Channel.API, address="192.0.2.7")


def entries() -> list[AuditEntry]:
    """All, in the order in which they were written."""
    return list(AuditEntry.objects.order_by("number"))


def the_entry() -> Any:
    """The only one; untyped, for it says before and after in any shape."""
    return AuditEntry.objects.get()


def last_entry() -> Any:
    """The newest one, as `the_entry`."""
    return AuditEntry.objects.latest("number")


def note(text: str = "", **more: Any) -> None:
    """Record something that alice did."""
    record(ALICE, "TEST", object_type="job", **{"object_id": text, **more})


@contextmanager
def as_the_owner_who_switched_the_triggers_off() -> Iterator[Any]:
    """A cursor that may change and delete entries, and number its own."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobqueue_auditentry DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("ALTER TABLE jobqueue_auditentry ENABLE TRIGGER USER")
