"""A flash CTF event. The platform gives it no id: its name and start together identify it."""

from django.db import models


class FlashEvent(models.Model):
    """One event, whoever took part."""

    name = models.CharField(max_length=200)
    starts_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["starts_at", "name"], name="flash_event_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.starts_at:%Y-%m-%d})"
