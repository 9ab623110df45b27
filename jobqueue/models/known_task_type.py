"""A known task type: what the database must know of a handler so that SQL can enqueue for it."""

from django.db import models

from jobqueue.states import Priority


class KnownTaskType(models.Model):
    """One task type of the registry, as the last migration or worker start found it; see `known_types.py`."""

    name = models.CharField(max_length=100, primary_key=True)
    label = models.CharField(max_length=200)
    queue = models.CharField(max_length=64)
    priority = models.SmallIntegerField(choices=Priority)
    max_attempts = models.PositiveSmallIntegerField()
    timeout = models.DurationField()
    has_unique_rule = models.BooleanField(help_text="Its duplicates are told by a rule that only Python can apply.")
    has_concurrency_rule = models.BooleanField(help_text="The same for how many may run at once.")
    is_dropped = models.BooleanField(help_text="Its jobs are deleted as soon as they succeeded.")
    retention = models.JSONField(help_text="Seconds by final status.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
