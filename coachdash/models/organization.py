"""An organization: the school or programme that coaches belong to."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models


def check_zone_name(name: str) -> None:
    """Refuse what is no IANA time zone.

    Raises:
        ValidationError: with an example of what is right.
    """
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is not a time zone: expected a name such as America/Chicago.")


class Organization(models.Model):
    """A school or programme. Its coaches read times in its zone."""

    name = models.CharField(max_length=200, unique=True)
    region = models.CharField(max_length=100, blank=True, default="")
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[check_zone_name],
        help_text="IANA name, such as America/Chicago",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
