"""How often somebody called of late. `rates.py` reads and writes it, in one statement."""

from django.db import models


class CallRate(models.Model):
    """One caller's bucket, by the generic cell rate algorithm. The table is unlogged: a crash empties it."""

    key = models.CharField(primary_key=True, max_length=160)
    free_at = models.DateTimeField(help_text="When all that was taken will have been given back.")
    refused = models.PositiveIntegerField(default=0, help_text="Refused since the last that was allowed.")
    refused_before = models.PositiveIntegerField(default=0, help_text="Refused before the last that was allowed.")

    def __str__(self) -> str:
        return self.key
