"""An occurrence: one time of a schedule and what came of it. History, and the guard against firing twice."""

from django.db import models
from django.db.models import F, Q

from jobqueue.states import Status


class Trigger(models.TextChoices):
    """Why an occurrence came about."""

    SCHEDULE = "schedule", "Schedule"
    MANUAL = "manual", "Manual"
    CATCH_UP = "catch_up", "Catch-up"


class Skipped(models.TextChoices):
    """Why an occurrence has no job of its own."""

    MISSED = "missed", "Missed: nothing ran at the time"
    OVERLAP = "overlap", "The run before was unfinished"
    JOINED = "joined", "A job with the same unique key was unfinished"
    INVALID = "invalid", "The schedule is not valid"


class Occurrence(models.Model):
    """What a schedule did for one point in time.

    While its job's row is there, that row tells how it fares; when it is deleted, a trigger copies the end of the
    story here.
    """

    schedule = models.ForeignKey("jobqueue.Schedule", models.CASCADE, related_name="occurrences", db_index=False)
    scheduled_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    trigger = models.CharField(max_length=8, choices=Trigger)
    skipped = models.CharField(max_length=7, choices=Skipped, blank=True, default="", db_default="")
    times = models.PositiveIntegerField(
        default=1, db_default=1, help_text="How many times a skipped one stands for: itself and those before it."
    )
    # The job may be deleted before its occurrence.
    job = models.ForeignKey(
        "jobqueue.Job",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    status = models.CharField(max_length=9, choices=Status, blank=True, default="", db_default="")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    metrics = models.JSONField(null=True, blank=True, help_text="The numbers of the job's result.")
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ["-scheduled_at"]
        indexes = [
            models.Index("schedule", F("scheduled_at").desc(), name="occurrence_by_schedule"),
            models.Index("job", name="occurrence_by_job", condition=Q(job__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "scheduled_at"], name="occurrence_once", condition=~Q(trigger=Trigger.MANUAL)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} at {self.scheduled_at:%Y-%m-%d %H:%M}"
