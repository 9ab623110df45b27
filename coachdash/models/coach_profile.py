"""A coach profile: what makes a user a coach."""

from django.conf import settings
from django.db import models


class CoachProfile(models.Model):
    """A user as a coach of one organization."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="coach_profile")
    organization = models.ForeignKey("coachdash.Organization", models.PROTECT, related_name="coaches")

    class Meta:
        ordering = ["user_id"]

    def __str__(self) -> str:
        return f"{self.user} ({self.organization})"
