"""Walks through accounts, pass by pass and batch by batch; the next attempt of a job goes on behind the last batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec
from django.utils import timezone
from msgspec import Struct, field

from gameplatform.conf import conf
from gameplatform.context import Job
from gameplatform.models import Account
from gameplatform.querysets import AccountQuerySet
from gameplatform.tally import ScheduledResult, Tally, as_result


class Pass(Protocol):
    """One thing that is done with every account."""

    @property
    def label(self) -> str:
        """What progress says it is doing."""

    def work(self, accounts: Sequence[Account], tally: Tally) -> None:
        """Do it with a batch, and count it. Done again, it must leave the same rows."""


class _Place(Struct, kw_only=True):
    """How far the walk is; the job's checkpoint."""

    order: str
    """What the job was asked to do. A payload that was edited meanwhile starts a new walk."""
    started_at: datetime
    total: int
    passes: int = 0
    cursor: UUID | None = None
    done: int = 0
    tally: Tally = field(default_factory=Tally)


def walk(job: Job, accounts: AccountQuerySet, passes: Sequence[Pass], *, order: str, dry_run: bool) -> ScheduledResult:
    """Take every account through every pass, one pass after the other.

    Args:
        job: the job it runs in.
        accounts: all that there are.
        passes: in their order.
        order: everything that the passes and the accounts depend on, as text.
        dry_run: said in the result only.
    """
    place = _reached(job, order) or _Place(order=order, started_at=timezone.now(), total=accounts.count())
    for each in passes[place.passes :]:
        _take_through(job, accounts, each, place, len(passes))
        # Not kept until the next batch is: an attempt that begins here finds no account left in the pass before.
        place.passes, place.cursor, place.done = place.passes + 1, None, 0
    return as_result(place.tally, accounts=place.total, started_at=place.started_at, dry_run=dry_run)


def _take_through(job: Job, accounts: AccountQuerySet, each: Pass, place: _Place, passes: int) -> None:
    while page := _next_page(job, accounts, place):
        each.work(page, place.tally)
        place.cursor = page[-1].pk
        place.done += len(page)
        job.checkpoint(place)
        # Accounts that came or went meanwhile must not take the bar past a pass's end.
        done = place.passes * place.total + min(place.done, place.total)
        job.progress(done, passes * place.total, f"{each.label}: {_said(place.tally)}")


def _next_page(job: Job, accounts: AccountQuerySet, place: _Place) -> list[Account]:
    job.check_cancelled()
    return list(accounts.page(place.cursor, conf().BATCH_SIZE))


def _reached(job: Job, order: str) -> _Place | None:
    try:
        place = msgspec.convert(job.checkpointed, _Place)
    except msgspec.ValidationError:
        return None  # none yet, or one that an older version kept
    return place if place.order == order else None


def _said(tally: Tally) -> str:
    return f"{tally.items} items, {tally.rows} rows, {tally.failures} failures"
