"""An account on the game platform; its id here is the id under which the platform knows it of us."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from gameplatform.querysets import AccountQuerySet


class Account(models.Model):
    """A coach's or competitor's account; `id` is the platform's `syned_user_id`."""

    class Kind(models.TextChoices):
        COACH = "coach", "Coach"
        COMPETITOR = "competitor", "Competitor"

    class Status(models.TextChoices):
        """What the platform last said; UNKNOWN until it has been asked."""

        UNKNOWN = "", "Unknown"
        USER_CREATED = "user_created", "Created"
        PENDING_APPROVAL = "pending_approval", "Awaiting approval"
        APPROVED = "approved", "Approved"
        DENIED = "denied", "Denied"

    class LinkState(models.TextChoices):
        """Whether the platform knows this account."""

        UNKNOWN = "unknown", "Not asked yet"
        LINKED = "linked", "Linked"
        MISSING = "missing", "Not on the platform"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COMPETITOR)
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="game_platform_accounts",
        help_text="Who looks after this competitor; for a coach's account, the coach.",
    )
    remote_id = models.BigIntegerField(null=True, blank=True, help_text="The platform's own id.")
    username = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=16, choices=Status, blank=True, default=Status.UNKNOWN)
    email_used = models.EmailField(blank=True, default="")
    last_login = models.DateTimeField(null=True, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)
    link_state = models.CharField(max_length=7, choices=LinkState, default=LinkState.UNKNOWN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="account_kind_known", condition=Q(kind__in=["coach", "competitor"])),
        ]

    def __str__(self) -> str:
        return self.username or str(self.id)
