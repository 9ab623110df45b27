"""An alert: something that a person should look at, open until it is well again."""

from django.db import models
from django.db.models import F, Q


class AlertKind(models.TextChoices):
    """What is wrong."""

    SCHEDULE_LATE = "schedule_late", "A schedule has not fired"
    SCHEDULE_INVALID = "schedule_invalid", "A schedule cannot be fired"


class Alert(models.Model):
    """One thing that went wrong; `deadman.py` raises and clears it."""

    kind = models.CharField(max_length=20, choices=AlertKind)
    subject = models.CharField(max_length=100, help_text="The schedule's name.")
    schedule = models.ForeignKey("jobqueue.Schedule", models.CASCADE, null=True, blank=True, related_name="alerts")
    message = models.TextField()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-raised_at"]
        indexes = [models.Index(F("raised_at").desc(), name="alert_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], name="alert_open_once", condition=Q(cleared_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
