"""One run of a sync or a totals sweep: its scope, its counts, and how far it is."""

from django.db import models
from django.utils import timezone


class SyncRun(models.Model):
    """Kept up to date with every batch, so that the next attempt goes on behind `cursor`."""

    class Kind(models.TextChoices):
        SYNC = "sync", "Sync"
        TOTALS = "totals", "Totals"

    kind = models.CharField(max_length=6, choices=Kind)
    coach_id = models.BigIntegerField(null=True, blank=True, help_text="Empty: all coaches.")
    dry_run = models.BooleanField(default=False)
    forced = models.BooleanField(default=False)
    job_id = models.UUIDField(null=True, blank=True, db_index=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    cursor = models.UUIDField(null=True, blank=True, help_text="The last account worked off.")

    total = models.PositiveIntegerField(default=0)
    synced = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    solves_added = models.PositiveIntegerField(default=0)
    events_added = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    failures = models.JSONField(default=list, blank=True, help_text="The first ones, with account and cause.")
    error = models.TextField(blank=True, default="", help_text="What stopped the latest attempt as a whole.")

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index("started_at", name="sync_run_by_start")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def done(self) -> int:
        """How many accounts are worked off."""
        return self.synced + self.skipped + self.failed

    @property
    def seconds(self) -> float:
        """From the start to the end, or to now while it is not finished."""
        return round(((self.finished_at or timezone.now()) - self.started_at).total_seconds(), 3)
