"""Runs a collection the way its job does, and reads what it stored."""

from typing import Any
from uuid import UUID

import msgspec

from gameplatform.jobs import data_collection
from gameplatform.models import Snapshot
from gameplatform.payloads import CollectionPayload
from gameplatform.tally import ScheduledResult
from tests.gameplatform.job import FakeJob


class Stopped(BaseException):
    """What the queue raises inside a job that is cancelled, timed out or handed back."""


def stopping_after(batches: int) -> FakeJob:
    """A job that is interrupted before the batch behind these."""
    left = iter(range(batches))

    def stop() -> None:
        if next(left, None) is None:
            raise Stopped

    return FakeJob(before_batch=stop)


def collect(job: FakeJob | None = None, **payload: Any) -> ScheduledResult:
    """One collection with this JSON as its payload."""
    result: ScheduledResult = data_collection(job or FakeJob(), msgspec.convert(payload, CollectionPayload))
    return result


def data_of(account_id: UUID, collector: str) -> Any:
    """The data of the account's only snapshot of that kind."""
    return Snapshot.objects.get(account_id=account_id, collector=collector).data


def stored() -> dict[tuple[UUID, str], Any]:
    """The data of all snapshots, by account and collector."""
    return {(row.account_id, row.collector): (row.items, row.data) for row in Snapshot.objects.all()}
