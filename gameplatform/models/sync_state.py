"""How far one account is synced, how that went, and when it is due again."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gameplatform.models.account import Account
from gameplatform.querysets import SyncStateQuerySet


class SyncState(models.Model):
    """One row per account, made at its first sync and changed only in the transaction that writes its rows."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="sync_state")
    watermark = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Practice solves after this time are asked for: the newest received, less an overlap.",
    )
    newest_solve_at = models.DateTimeField(null=True, blank=True, help_text="Of practice and events.")
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_full_at = models.DateTimeField(null=True, blank=True)
    profile_synced_at = models.DateTimeField(null=True, blank=True)
    flash_synced_at = models.DateTimeField(null=True, blank=True)
    next_due = models.DateTimeField(default=timezone.now)
    consecutive_failures = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=32, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    needs_totals_refresh = models.BooleanField(default=False)

    reported_challenges = models.IntegerField(null=True, blank=True)
    reported_points = models.BigIntegerField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True, help_text="When the platform gave its totals.")

    objects = SyncStateQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("account", name="sync_state_flagged", condition=Q(needs_totals_refresh=True))]
        constraints = [
            models.CheckConstraint(
                name="sync_state_error_with_failures",
                condition=Q(consecutive_failures=0, error_code="")
                | (Q(consecutive_failures__gt=0) & ~Q(error_code="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.error_code or 'fine'}"
