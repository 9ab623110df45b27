"""Two doors into the queue, Python's verbs and the SQL functions, with one face for tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
from django.db import connection, transaction

from jobqueue import claim as claiming
from jobqueue import cleanup, health, operations, transitions
from jobqueue.audit import Actor
from jobqueue.models import Job
from jobqueue.models.audit_entry import Channel
from jobqueue.new_job import NewJob
from jobqueue.reports import Report, encode_report, fingerprint_of_code
from jobqueue.states import Status
from jobqueue.transitions import Moved
from tests.jobqueue.factories import make_worker

ALICE = Actor(name="alice", channel=Channel.CLI)


class Held(NamedTuple):
    """What a claim gives to whoever is to do the work."""

    id: UUID
    claim: int
    task_type: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int


class Door(Protocol):
    """What both can do."""

    channel: Channel

    def enqueue(
        self, task_type: str, payload: Any = None, run_at: datetime | None = None, max_attempts: int | None = None
    ) -> UUID: ...
    def claim(self, limit: int = 1, queues: Sequence[str] = ()) -> list[Held]: ...
    def succeed(self, held: Held, output: Any = None) -> bool: ...
    def fail(self, held: Held, error: str, retry_in: timedelta | None = None) -> str: ...
    def retry(self, id_: UUID) -> str: ...
    def cancel(self, id_: UUID, reason: str = "") -> str: ...
    def clean_up(self, age: timedelta | None = None) -> int: ...
    def health(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Python:
    """The verbs, as an operator's command and a worker call them."""

    channel = Channel.CLI

    def enqueue(
        self, task_type: str, payload: Any = None, run_at: datetime | None = None, max_attempts: int | None = None
    ) -> UUID:
        """Its id."""
        new = NewJob(task_type=task_type, payload=payload, run_at=run_at, max_attempts=max_attempts)
        return operations.create(new, ALICE).id

    def claim(self, limit: int = 1, queues: Sequence[str] = ()) -> list[Held]:
        """Claimed and begun."""
        claimed = claiming.claim(make_worker().pk, limit, queues)
        marks = [
            {"id": one.id, "claim": one.claim, "number": one.number, "started": 1_800_000_000.0} for one in claimed
        ]
        transitions.mark_started(msgspec.json.encode(marks), [one.id for one in claimed])
        return [
            Held(UUID(one.id), one.claim, one.task_type, msgspec.json.decode(one.payload), one.number, one.max_attempts)
            for one in claimed
        ]

    def succeed(self, held: Held, output: Any = None) -> bool:
        """Whether it was recorded."""
        result = None if output is None else msgspec.Raw(msgspec.json.encode(output))
        return self._finish(held, Status.SUCCEEDED, outcome="succeeded", result=result) == 1

    def fail(self, held: Held, error: str, retry_in: timedelta | None = None) -> str:
        """The new status, or the one in the way."""
        status = Status.FAILED
        if retry_in is not None:
            status = Status.DEAD if held.attempt >= held.max_attempts else Status.RETRYING
        code = "SQL_ERROR"
        recorded = self._finish(
            held,
            status,
            outcome="error",
            code=code,
            message=error,
            fingerprint=fingerprint_of_code(held.task_type, code),
            delay=retry_in.total_seconds() if retry_in is not None and status == Status.RETRYING else None,
        )
        found = Job.objects.filter(pk=held.id).values_list("status", flat=True).first()
        if recorded:
            return str(found)
        same = "running under another claim" if found == "running" else found
        return f"skipped: {same or 'unknown job'}"

    def retry(self, id_: UUID) -> str:
        """What was done."""
        return _told(operations.retry([id_], ALICE), "retried")

    def cancel(self, id_: UUID, reason: str = "") -> str:
        """What was done."""
        return _told(operations.cancel([id_], ALICE, reason), "cancelled")

    def clean_up(self, age: timedelta | None = None) -> int:
        """How many were deleted."""
        return sum(cleanup.delete_finished(older_than=age).values())

    def health(self) -> dict[str, Any]:
        """Status and checks."""
        return health.check().to_json()

    def _finish(self, held: Held, status: Status, **changes: Any) -> int:
        report = Report(
            id=str(held.id), claim=held.claim, number=held.attempt, started=1_800_000_000.0, finished=1_800_000_001.0,
            status=status.value, **changes,
        )  # fmt: skip
        worker = Job.objects.filter(pk=held.id).values_list("worker_id", flat=True).first() or UUID(int=0)
        return transitions.finish(worker, [encode_report(report)], [str(held.id)])


@dataclass(frozen=True)
class Sql:
    """The functions."""

    channel = Channel.SQL

    def enqueue(
        self, task_type: str, payload: Any = None, run_at: datetime | None = None, max_attempts: int | None = None
    ) -> UUID:
        """Its id."""
        text = None if payload is None else msgspec.json.encode(payload).decode()
        return UUID(str(call("job_queue_enqueue(%s, %s, %s, %s)", task_type, text, run_at, max_attempts)))

    def claim(self, limit: int = 1, queues: Sequence[str] = ()) -> list[Held]:
        """Claimed and begun."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, claim, task_type, payload::text, attempt, max_attempts FROM job_queue_claim(%s, 'w', %s)",
                [limit, list(queues)],
            )
            rows = cursor.fetchall()
        return [Held._make((*row[:3], msgspec.json.decode(row[3]), *row[4:])) for row in rows]

    def succeed(self, held: Held, output: Any = None) -> bool:
        """Whether it was recorded."""
        text = None if output is None else msgspec.json.encode(output).decode()
        return bool(call("job_queue_mark_succeeded(%s, %s, %s)", held.id, held.claim, text))

    def fail(self, held: Held, error: str, retry_in: timedelta | None = None) -> str:
        """The new status, or the one in the way."""
        return str(call("job_queue_mark_failed(%s, %s, %s, %s)", held.id, held.claim, error, retry_in))

    def retry(self, id_: UUID) -> str:
        """What was done."""
        return str(call("job_queue_retry(%s)", id_))

    def cancel(self, id_: UUID, reason: str = "") -> str:
        """What was done."""
        return str(call("job_queue_cancel(%s, %s)", id_, reason))

    def clean_up(self, age: timedelta | None = None) -> int:
        """How many were deleted."""
        return int(call("job_queue_cleanup(%s)", age))

    def health(self) -> dict[str, Any]:
        """Status and checks."""
        found: dict[str, Any] = msgspec.json.decode(call("job_queue_health()::text"))
        return found


def call(function: str, *arguments: Any) -> Any:
    """What one call of a function returns, in a transaction of its own or a savepoint."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}", arguments)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def _told(moved: Moved, done: str) -> str:
    if moved.skipped:
        (why,) = moved.skipped.values()
        return f"skipped: {why}"
    return done if moved.done else "asked to stop"


def forget_what_was_recorded() -> None:
    """Empty the audit log and the failures, for tests without a transaction around them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE jobqueue_auditentry, jobqueue_failure")
