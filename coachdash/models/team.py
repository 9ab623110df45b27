"""A team as its school made it; the platform's own assignments are in `gameplatform`."""

import uuid

from django.conf import settings
from django.db import models

from coachdash.models.division import Division
from coachdash.models.membership import check_team


class Team(models.Model):
    """Students of one coach and one division who play together. Its id is the platform's `syned_team_id`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    coach = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="coached_teams", db_index=False)
    name = models.CharField(max_length=100)
    division = models.CharField(max_length=13, choices=Division)
    affiliation = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("coach", "name", name="team_name_once_per_coach"),
            models.CheckConstraint(name="team_division_known", condition=models.Q(division__in=Division.values)),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse to move a team away from its members.

        Raises:
            ValidationError: by field, with what would be right.
        """
        if self.coach_id is not None and self.division:
            check_team(self)
