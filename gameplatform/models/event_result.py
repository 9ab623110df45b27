"""How one account did in one flash CTF event, as the platform reports it."""

from django.db import models

from gameplatform.models.account import Account
from gameplatform.models.flash_event import FlashEvent


class EventResult(models.Model):
    """Rank and points of one account in one event."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="event_results", db_index=False)
    event = models.ForeignKey(FlashEvent, models.CASCADE, related_name="results")
    rank = models.IntegerField(null=True, blank=True)
    points = models.IntegerField()
    max_points = models.IntegerField()
    challenges_solved = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "event"], name="event_result_once")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.points} of {self.max_points} points"
