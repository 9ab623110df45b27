"""The divisions in which students compete, by the platform's names for them."""

from typing import Self

from django.db import models

LOWEST_GRADE, HIGHEST_GRADE = 6, 12
_FIRST_OF_HIGH_SCHOOL = 9


class Division(models.TextChoices):
    """By grade: 6-8 middle school, 9-12 high school, then college."""

    MIDDLE_SCHOOL = "middle_school", "Middle school"
    HIGH_SCHOOL = "high_school", "High school"
    COLLEGE = "college", "College"

    @classmethod
    def of_grade(cls, grade: int | None) -> Self:
        """Where a student of that grade competes if nobody says otherwise; no grade means college."""
        if grade is None:
            return cls("college")
        return cls("middle_school" if grade < _FIRST_OF_HIGH_SCHOOL else "high_school")
