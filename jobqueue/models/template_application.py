"""A template that was applied: what it changed, so that it can be undone."""

from django.conf import settings
from django.db import models


class TemplateApplication(models.Model):
    """One change of schedules by a template."""

    template = models.CharField(max_length=100)
    applied_at = models.DateTimeField()
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    changes = models.JSONField(help_text="By schedule: its id and name, and the fields before (null: new) and after.")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-applied_at", "-pk"]

    def __str__(self) -> str:
        return self.template
