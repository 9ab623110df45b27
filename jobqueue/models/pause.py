"""A pause: a row that stops claiming in some scope. Paused jobs stay pending."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class PauseScope(models.TextChoices):
    """What a pause stops."""

    EVERYTHING = "everything", "Everything"
    QUEUE = "queue", "One queue"
    TASK_TYPE = "task_type", "One task type"


class Pause(models.Model):
    """Stops claiming from its start until it is deleted or `ends_at` passes."""

    scope = models.CharField(max_length=10, choices=PauseScope)
    name = models.CharField(max_length=100, blank=True, default="", help_text="The queue or task type.")
    reason = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint("scope", "name", name="pause_once_per_scope"),
            models.CheckConstraint(
                name="pause_named_unless_everything",
                condition=Q(scope=PauseScope.EVERYTHING, name="") | (~Q(scope=PauseScope.EVERYTHING) & ~Q(name="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.name}".strip()
