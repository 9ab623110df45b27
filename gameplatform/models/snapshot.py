"""What the platform said of one account at one time. Scores are made of snapshots."""

from django.db import models
from django.db.models import Q

from gameplatform.models.account import Account


class Snapshot(models.Model):
    """What one collector found in one job; `data` is as `gameplatform/collection/collectors.py` describes it."""

    class Collector(models.TextChoices):
        """What is collected."""

        SOLVES = "solves", "Solves"
        EVENTS = "events", "Events"
        PROFILES = "profiles", "Profiles"
        TEAMS = "teams", "Teams"

    account = models.ForeignKey(Account, models.CASCADE, related_name="snapshots", db_index=False)
    collector = models.CharField(max_length=8, choices=Collector)
    taken_at = models.DateTimeField(help_text="Of one account, never earlier than that of a snapshot written before.")
    day = models.DateField(help_text="Of `taken_at` in UTC.")
    job_id = models.UUIDField()
    items = models.PositiveIntegerField(help_text="How many solves or events there were, or 1.")
    data = models.JSONField()

    class Meta:
        indexes = [models.Index("account", "collector", "taken_at", name="snapshot_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["account", "collector", "job_id"], name="snapshot_once"),
            models.CheckConstraint(
                name="snapshot_collector_known",
                condition=Q(collector__in=["solves", "events", "profiles", "teams"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.collector} on {self.day}"
