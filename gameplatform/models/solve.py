"""A solved challenge: with event results, the single truth that every figure is computed from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gameplatform.models.account import Account
from gameplatform.models.flash_event import FlashEvent


class Solve(models.Model):
    """One solve of one account. The platform's solve ids repeat from event to event."""

    class Source(models.TextChoices):
        """Where it was solved."""

        ODL = "odl", "Practice"
        FLASH_CTF = "flash_ctf", "Flash CTF"

    account = models.ForeignKey(Account, models.CASCADE, related_name="solves", db_index=False)
    source = models.CharField(max_length=9, choices=Source)
    event = models.ForeignKey(FlashEvent, models.CASCADE, null=True, blank=True, related_name="solves")
    remote_solve_id = models.BigIntegerField()
    remote_challenge_id = models.BigIntegerField()
    title = models.CharField(max_length=500)
    category = models.CharField(max_length=100, blank=True, help_text="As the platform spells it.")
    domain = models.CharField(max_length=100, help_text="The normalised category.")
    points = models.IntegerField()
    solved_at = models.DateTimeField()
    work_roles = ArrayField(models.TextField(), default=list, blank=True)
    retired = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index("account", F("solved_at").desc(), name="solve_by_account")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "source", "event", "remote_solve_id"],
                name="solve_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="solve_event_fits_source",
                condition=Q(source="flash_ctf", event__isnull=False) | (~Q(source="flash_ctf") & Q(event__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.points})"
