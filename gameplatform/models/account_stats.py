"""The totals of one account. Only the totals sweep writes them."""

from django.db import models
from django.db.models import F, Q

from gameplatform.models.account import Account


class AccountStats(models.Model):
    """Totals over the account's solves and event results, beside what the platform itself reports."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="stats")
    odl_challenges = models.IntegerField(default=0)
    odl_points = models.BigIntegerField(default=0)
    ctf_events = models.IntegerField(default=0)
    ctf_challenges = models.IntegerField(default=0)
    ctf_points = models.BigIntegerField(default=0)
    total_points = models.BigIntegerField(default=0)
    last_activity = models.DateTimeField(null=True, blank=True, help_text="The newest solve.")
    as_of = models.DateTimeField(help_text="When these totals were computed.")
    job_id = models.UUIDField(null=True, blank=True, help_text="The job that computed them.")

    platform_challenges = models.IntegerField(null=True, blank=True)
    platform_points = models.BigIntegerField(null=True, blank=True)
    platform_reported_at = models.DateTimeField(null=True, blank=True)
    differs = models.BooleanField(
        default=False,
        help_text="The practice rows held when the platform reported its totals did not add up to them.",
    )

    class Meta:
        verbose_name_plural = "account stats"
        constraints = [
            models.CheckConstraint(
                name="account_stats_add_up",
                condition=Q(total_points=F("odl_points") + F("ctf_points")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.total_points} points"
