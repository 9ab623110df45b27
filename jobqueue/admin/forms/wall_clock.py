"""Times as the clocks of a zone show them, placed on the one time line."""

from datetime import UTC, datetime, tzinfo

from django.core.exceptions import ValidationError


def placed(wall: datetime, zone: tzinfo) -> datetime:
    """The moment at which the clocks of the zone show this; the first of two.

    Raises:
        ValidationError: they never do, as they are set forward over it.
    """
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        raise ValidationError(
            f"The clocks of {zone} are set forward over {wall:%H:%M} that day: expected another time."
        )
    return moment
