"""The score of one account on one day: a point of the trend. Only scoring writes them."""

from django.db import models
from django.db.models import F, Q

from gameplatform.models.account import Account


class ScorePoint(models.Model):
    """Computed from the newest snapshots of solves and events at the end of the day; there is none without any."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="score_points", db_index=False)
    day = models.DateField(help_text="In UTC.")
    challenges = models.IntegerField(help_text="Solved in practice and in events.")
    points = models.BigIntegerField()
    practice_points = models.BigIntegerField()
    ctf_points = models.BigIntegerField()
    ctf_events = models.IntegerField()
    as_of = models.DateTimeField(help_text="When the newest snapshot in it was taken.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="score_point_once"),
            models.CheckConstraint(
                name="score_point_adds_up",
                condition=Q(points=F("practice_points") + F("ctf_points")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.points} points on {self.day}"
