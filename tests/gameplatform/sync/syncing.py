"""Runs a sync the way its job does, and reads the whole mirror."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

from gameplatform.models import Account, AccountStats, EventResult, FlashEvent, Solve, SyncState
from gameplatform.providers import provider
from gameplatform.sync.options import SyncOptions
from gameplatform.sync.result import SyncResult
from gameplatform.sync.run import synchronise
from tests.gameplatform.job import FakeJob

MIRROR: tuple[type[models.Model], ...] = (Account, AccountStats, EventResult, FlashEvent, Solve, SyncState)


def sync(
    job: FakeJob | None = None,
    *,
    batch_size: int = 7,
    dry_run: bool = False,
    coach_id: int | None = None,
    full: bool = False,
    flash: bool = False,
) -> SyncResult:
    """One sync with the configured provider."""
    options = SyncOptions(batch_size=batch_size, dry_run=dry_run, coach_id=coach_id, full=full, flash=flash)
    return synchronise(job or FakeJob(), options, provider())


def everything(*but: type[models.Model]) -> dict[str, list[dict[str, Any]]]:
    """Every row of the mirror."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in MIRROR if model not in but
    }


def row_versions() -> list[tuple[int, str]]:
    """Where each solve's row lies on disk, which every UPDATE changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text FROM gameplatform_solve ORDER BY id")
        versions: list[tuple[int, str]] = cursor.fetchall()
    return versions


def make_due() -> None:
    """Let time pass for every account's next sync."""
    SyncState.objects.update(next_due=datetime(2000, 1, 1, tzinfo=UTC))
