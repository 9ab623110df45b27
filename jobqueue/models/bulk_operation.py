"""A bulk operation: one verb applied to many jobs, in batches, with what it takes to undo it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobqueue.ids import uuid7
from jobqueue.models.audit_entry import Channel


class BulkVerb(models.TextChoices):
    """What can be done to many."""

    RETRY = "retry", "Retry"
    CANCEL = "cancel", "Cancel"
    DELETE = "delete", "Delete"


class BulkState(models.TextChoices):
    """Where a bulk operation stands."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


ACTIVE = (BulkState.RUNNING, BulkState.UNDOING)
"""Somebody works on it."""


class BulkOperation(models.Model):
    """One verb, the jobs it was asked for, and how far it is. `bulk/` works on it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    verb = models.CharField(max_length=6, choices=BulkVerb)
    selection = models.JSONField(help_text="The jobs: ids or a filter; see `bulk/selection.py`.")
    reason = models.TextField(blank=True, default="")
    delay = models.DurationField(null=True, blank=True, help_text="Retried jobs are due this long after.")
    state = models.CharField(max_length=7, choices=BulkState, default=BulkState.RUNNING)
    channel = models.CharField(max_length=5, choices=Channel)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey(
        "jobqueue.Job",
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="The background job that does or undoes it; none if it was done at once.",
    )
    matched = models.PositiveIntegerField(help_text="How many jobs the selection held at the start.")
    cursor = models.UUIDField(null=True, blank=True, help_text="Everything up to this job id is done.")
    until = models.UUIDField(help_text="The last job id at the start: those made later are left alone.")
    done = models.PositiveIntegerField(default=0)
    requested = models.PositiveIntegerField(default=0, help_text="Running jobs that were asked to stop.")
    skipped = models.JSONField(default=dict, help_text="How many were left alone, by reason.")
    undone = models.PositiveIntegerField(default=0)
    not_undone = models.JSONField(default=dict, help_text="How many could not be restored, by reason.")
    stop_requested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index("id", name="bulk_active", condition=Q(state__in=ACTIVE))]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.matched} jobs"


class BulkChange(models.Model):
    """What one job was before a bulk operation changed it."""

    pk = models.CompositePrimaryKey("operation_id", "job_id")
    operation = models.ForeignKey(BulkOperation, models.CASCADE, related_name="changes", db_index=False)
    job = models.ForeignKey("jobqueue.Job", models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    claim = models.BigIntegerField(help_text="While the job has this claim still, nobody has run it since.")
    left_at = models.DateTimeField(null=True, help_text="The run_at or finished_at that the operation left it with.")
    before = models.JSONField(help_text="The columns that verbs write.")

    def __str__(self) -> str:
        return f"{self.operation_id} changed {self.job_id}"
