"""An occurrence: one time at which a schedule fired. History, and the guard against firing twice."""

from django.db import models


class Trigger(models.TextChoices):
    """Why an occurrence was enqueued."""

    SCHEDULE = "schedule", "Schedule"
    MANUAL = "manual", "Manual"


class Occurrence(models.Model):
    """A schedule's job for one point in time."""

    schedule = models.ForeignKey("jobqueue.Schedule", models.CASCADE, related_name="occurrences")
    scheduled_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    trigger = models.CharField(max_length=8, choices=Trigger)
    # The job may be deleted before its occurrence.
    job = models.ForeignKey(
        "jobqueue.Job",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        ordering = ["-scheduled_at"]
        constraints = [
            models.UniqueConstraint("schedule", "scheduled_at", "trigger", name="occurrence_fired_once"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} at {self.scheduled_at:%Y-%m-%d %H:%M}"
