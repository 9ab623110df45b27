"""A quick action that somebody started: which jobs it made or joined."""

from django.conf import settings
from django.db import models

from jobqueue.ids import uuid7


class QuickRun(models.Model):
    """One press of a quick action's button. How its jobs fare is in their own rows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, help_text="It begins with its time.")
    action = models.CharField(max_length=50, help_text="The name of the quick action.")
    label = models.CharField(max_length=200, help_text="What it was called then.")
    scope = models.JSONField(default=dict, blank=True, help_text='For whom, such as {"coach": 12}; empty for all.')
    scope_label = models.CharField(max_length=255, blank=True, default="", help_text="The same in words.")
    is_dry_run = models.BooleanField(default=False)
    steps = models.JSONField(default=list, help_text="In their order: label, task_type, job, and whether it joined.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.label
