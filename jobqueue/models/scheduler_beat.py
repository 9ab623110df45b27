"""The scheduler's beat: who ticked last, so that a standstill is seen while no schedule is due."""

from django.db import models
from django.db.models import Q


class TickSource(models.TextChoices):
    """What drives the scheduler."""

    WORKER = "worker", "Worker"
    RUN_SCHEDULER = "scheduler", "run_scheduler"
    CRONTAB = "crontab", "crontab"
    MANUAL = "manual", "By hand"


class SchedulerBeat(models.Model):
    """One row for all schedulers; rewritten every few seconds by whichever comes first."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    source = models.CharField(max_length=9, choices=TickSource)
    holder = models.CharField(max_length=255, help_text="Host and process.")

    class Meta:
        constraints = [models.CheckConstraint(name="scheduler_beat_is_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.holder} ({self.source})"
