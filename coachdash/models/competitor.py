"""A competitor: a student on a coach's roster."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from coachdash.models.division import HIGHEST_GRADE, LOWEST_GRADE, Division
from coachdash.models.membership import check_membership


class Competitor(models.Model):
    """A student. The id is the one by which the game platform knows them (`syned_user_id`), if it does."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    coach = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="competitors", db_index=False)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    school_email = models.EmailField(blank=True, default="")
    division = models.CharField(max_length=13, choices=Division)
    grade = models.PositiveSmallIntegerField(null=True, blank=True, help_text="6 to 12; empty at a college.")
    team = models.ForeignKey("coachdash.Team", models.SET_NULL, null=True, blank=True, related_name="members")
    is_active = models.BooleanField(default=True)
    # The same id on both sides: a join, no column. There is no account until the student is on the platform.
    account = models.ForeignObject(
        "gameplatform.Account",
        models.DO_NOTHING,
        from_fields=["id"],
        to_fields=["id"],
        related_name="+",
        null=True,
    )

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        permissions = [("see_every_competitor", "Can see the students of every coach")]
        indexes = [models.Index("coach", "last_name", "first_name", "id", name="competitor_roster")]
        constraints = [
            models.CheckConstraint(name="competitor_division_known", condition=Q(division__in=Division.values)),
            models.CheckConstraint(
                name="competitor_grade_in_school",
                condition=Q(grade__isnull=True) | Q(grade__range=(6, 12)),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def clean(self) -> None:
        """Refuse an impossible grade, and a team that cannot take the student.

        Raises:
            ValidationError: by field, with what would be right.
        """
        if self.grade is not None and not LOWEST_GRADE <= self.grade <= HIGHEST_GRADE:
            raise ValidationError(
                {"grade": f"Expected a grade from {LOWEST_GRADE} to {HIGHEST_GRADE}, or none for one at a college."}
            )
        if self.coach_id is not None and self.division:
            check_membership(self)

    @property
    def full_name(self) -> str:
        """First name first, as it is spoken."""
        return f"{self.first_name} {self.last_name}"
