"""The divisions in which students compete, by the platform's names for them."""

from django.db import models


class Division(models.TextChoices):
    """By grade: 6-8 middle school, 9-12 high school, then college."""

    MIDDLE_SCHOOL = "middle_school", "Middle school"
    HIGH_SCHOOL = "high_school", "High school"
    COLLEGE = "college", "College"
