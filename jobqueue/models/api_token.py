"""An API token: lets a program act for its owner, within its scopes and the owner's present permissions."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class TokenScope(models.TextChoices):
    """What a token may be used for, at most."""

    READ = "jobs:read", "Read jobs, schedules and their history"
    WRITE = "jobs:write", "Create, run, retry, cancel and pause; make and change schedules"
    DELETE = "jobs:delete", "Delete jobs and schedules"


class ApiToken(models.Model):
    """One token. Its secret is not here, only the secret's hash; `tokens.py` makes and finds them."""

    name = models.CharField(max_length=100, help_text="What it is for, such as Grafana.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    prefix = models.CharField(max_length=12, help_text="How the secret begins, to recognise it by.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret.")
    scopes = ArrayField(models.CharField(max_length=16, choices=TokenScope))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="From then on it is refused; empty for never.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")

    class Meta:
        ordering = ["-id"]
        verbose_name = "API token"
        permissions = [("manage_every_token", "Can see and revoke everybody's API tokens")]
        indexes = [models.Index("owner", F("id").desc(), name="token_by_owner")]
        constraints = [
            models.UniqueConstraint("owner", "name", name="token_once_per_name", condition=Q(revoked_at=None)),
            models.CheckConstraint(
                name="token_scopes_known",
                condition=Q(scopes__contained_by=TokenScope.values) & ~Q(scopes=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_usable(self) -> bool:
        """Neither revoked nor expired; its owner may still be inactive."""
        return self.revoked_at is None and not self.has_expired(timezone.now())

    def has_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now
