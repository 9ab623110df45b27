"""A worker cycle: one run of `run_worker --once`, whoever asked for it."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from jobqueue.ids import uuid7


class CycleSource(models.TextChoices):
    """Who asked for it. A worker that stays has no cycles: its row in `Worker` tells."""

    HTTP = "http", "HTTP"
    CRONTAB = "crontab", "crontab"
    MANUAL = "manual", "By hand"


class CycleStatus(models.TextChoices):
    """How it went."""

    RUNNING = "running", "Running"
    OK = "ok", "OK"
    PAUSED = "paused", "Paused"
    DISABLED = "disabled", "Disabled"
    FAILED = "failed", "Failed"


STATUS_CODES = {CycleStatus.OK: 200, CycleStatus.PAUSED: 200, CycleStatus.DISABLED: 503, CycleStatus.FAILED: 500}
"""As the worker endpoint answers, whatever the source."""


class WorkerCycle(models.Model):
    """One cycle: what was due when it began, at most so many. The process that works writes its row; see `cycles/`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=7, choices=CycleSource)
    started_by = models.CharField(max_length=255, blank=True, default="", help_text="A user, or a system account.")
    limit = models.PositiveIntegerField(null=True, blank=True, help_text="At most so many jobs; empty: all.")
    is_forced = models.BooleanField(default=False, help_text="Ran although everything was paused.")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=CycleStatus, default=CycleStatus.RUNNING)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True, help_text="As the worker endpoint answers.")
    message = models.TextField(blank=True, default="")
    # No foreign key: the row of a worker goes sooner.
    worker = models.ForeignKey(
        "jobqueue.Worker",
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="cycles",
        db_constraint=False,
        db_index=False,
    )
    host = models.CharField(max_length=255, blank=True, default="")
    pid = models.PositiveIntegerField(null=True, blank=True)
    claimed = models.PositiveIntegerField(default=0)
    processed = models.PositiveIntegerField(default=0)
    succeeded = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="Attempts that failed, whether a retry follows or not.")
    results = models.JSONField(default=list, help_text="The first jobs that ended.")
    errors = models.JSONField(default=list, help_text="The first that failed.")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index("started_at", name="cycle_by_time"),
            models.Index("source", F("id").desc(), name="cycle_by_source"),
            models.Index("started_at", name="cycle_open", condition=Q(finished_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="cycle_finished_has_status",
                condition=Q(status=CycleStatus.RUNNING, finished_at__isnull=True)
                | (~Q(status=CycleStatus.RUNNING) & Q(finished_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} cycle {self.id.hex[-8:]}"

    @property
    def duration(self) -> timedelta:
        """How long it took, or has been running."""
        return (self.finished_at or timezone.now()) - self.started_at
