"""Results of this app's jobs as people read them: a sentence, the counts, and what a dry run would have changed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from gameplatform.models import Account
from gameplatform.sync.result import SyncResult
from gameplatform.tally import ScheduledResult
from gameplatform.totals.change import CHANGES_SHOWN, AccountChange
from gameplatform.totals.sweep import SweepResult
from jobqueue.registry import Summary, Table


def of_sync(result: Any) -> Summary:
    """What a sync brought, or would have brought.

    Raises:
        msgspec.ValidationError: that is no result of a sync.
    """
    told = msgspec.convert(result, SyncResult)
    accounts = told.competitors
    names = _names({*(one.account for one in told.changes), *(one.account for one in told.failures)})
    return Summary(
        headline=_headline_of_sync(told),
        numbers={
            "accounts": accounts.total,
            "synced": accounts.synced,
            "skipped": accounts.skipped,
            "failed": accounts.failed,
            "new solves": told.solves_added,
            "event results": told.events_added,
            "requests": told.requests,
        },
        tables=[
            *_changes(told.changes, names),
            *_failures([(one.account, one.code, one.message) for one in told.failures], accounts.failed, names),
        ],
    )


def of_sweep(result: Any) -> Summary:
    """What totals were added up, or would have been.

    Raises:
        msgspec.ValidationError: that is no result of a totals sweep.
    """
    told = msgspec.convert(result, SweepResult)
    names = _names({one.account for one in told.changes})
    return Summary(
        headline=_headline_of_sweep(told),
        numbers={"refreshed": told.refreshed, "differing from the platform": told.differing},
        tables=_changes(told.changes, names),
    )


def of_scheduled(result: Any) -> Summary:
    """What was collected and scored.

    Raises:
        msgspec.ValidationError: that is no such result.
    """
    told = msgspec.convert(result, ScheduledResult)
    would = "Would write" if told.dry_run else "Wrote"
    failures = [(one.account, f"{one.collector}: {one.code}", one.message) for one in told.first_failures]
    return Summary(
        headline=f"{would} {_many(told.rows_written, 'row')} for {_many(told.accounts, 'account')}.",
        numbers={
            "items collected": told.items_collected,
            "accounts scored": told.accounts_scored,
            "requests": told.requests_made,
            "skipped": told.skipped,
            "failures": told.failures,
        },
        tables=_failures(failures, told.failures, _names({one.account for one in told.first_failures})),
    )


def _headline_of_sync(told: SyncResult) -> str:
    if not told.competitors.total:
        return "No account is in its scope and due: nothing was asked of the platform."
    verb = "would come from" if told.dry_run else "came from"
    news = f"{_many(told.solves_added, 'new solve')} and {_many(told.events_added, 'event result')}"
    failed = f" {_many(told.competitors.failed, 'account')} failed." if told.competitors.failed else ""
    return f"{news} {verb} {_many(told.competitors.synced, 'account')}.{failed}"


def _headline_of_sweep(told: SweepResult) -> str:
    if not told.refreshed and told.dry_run:
        return "No totals are outdated as things stand. What a sync would change is told by the sync."
    if not told.refreshed:
        return "All totals are up to date: nothing was to be added up."
    verb = "would be added up anew" if told.dry_run else "added up anew"
    more = " The rest is done by a further job." if told.continued else ""
    return f"Totals of {_many(told.refreshed, 'account')} {verb}.{more}"


def _changes(changes: Sequence[AccountChange], names: Mapping[UUID, str]) -> Sequence[Table]:
    rows = [
        (
            names.get(one.account, str(one.account)),
            one.new_solves,
            _step(one.challenges_before, one.challenges_after),
            _step(one.points_before, one.points_after),
        )
        for one in changes
    ]
    columns = ("Account", "New solves", "Challenges", "Points")
    note = f"The first {len(rows)}; more accounts may change." if len(rows) >= CHANGES_SHOWN else ""
    return [Table(title="What would change", columns=columns, rows=rows, note=note)] if rows else []


def _failures(failures: Sequence[tuple[UUID, str, str]], number: int, names: Mapping[UUID, str]) -> Sequence[Table]:
    if not failures:
        return []
    return [
        Table(
            title="What failed",
            columns=("Account", "Error", "Message"),
            rows=[(names.get(account, str(account)), code, message) for account, code, message in failures],
            note=f"The first {len(failures)} of {number:,}." if number > len(failures) else "",
        )
    ]


def _names(ids: Collection[UUID]) -> dict[UUID, str]:
    accounts = Account.objects.filter(pk__in=ids).only("username", "email_used") if ids else []
    return {account.pk: account.username or account.email_used or str(account.pk) for account in accounts}


def _step(before: int, after: int) -> str:
    return f"{before:,} → {after:,}" if before != after else f"{after:,}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
