"""A schedule: when to enqueue which task type with which payload."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from jobqueue import cron
from jobqueue.exceptions import JobQueueError
from jobqueue.registry import registry
from jobqueue.states import Priority


class Schedule(models.Model):
    """A cron expression in a time zone, and the job that it enqueues. `scheduler.py` fires it."""

    name = models.CharField(max_length=100, unique=True)
    expression = models.CharField(max_length=255, help_text="minute hour day month weekday, as in crontab")
    timezone = models.CharField(max_length=64, default="UTC", help_text="IANA name, such as Europe/Berlin")
    task_type = models.CharField(max_length=100)
    payload = models.JSONField(default=dict, blank=True)
    queue = models.CharField(max_length=64, default="default")
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    max_attempts = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1)])
    is_active = models.BooleanField(default=True)
    next_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    notes = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index("next_run_at", name="schedule_due", condition=Q(is_active=True))]
        constraints = [
            models.CheckConstraint(
                name="schedule_active_has_next",
                condition=Q(is_active=False) | Q(next_run_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what could not be fired.

        Raises:
            ValidationError: by field, with what would be right.
        """
        problems: dict[str, str] = {}
        try:
            cron.check(self.expression, self.timezone)
        except cron.InvalidTimezoneError as error:
            problems["timezone"] = str(error)
        except cron.InvalidExpressionError as error:
            problems["expression"] = str(error)
        try:
            registry.get(self.task_type).encode(self.payload)
        except JobQueueError as error:
            problems["payload" if self.task_type in registry else "task_type"] = str(error)
        if problems:
            raise ValidationError(problems)

    def reschedule(self) -> None:
        """Set `next_run_at` to the first time after now, or to nothing while inactive. Does not save.

        Raises:
            InvalidExpressionError, InvalidTimezoneError: see `clean`.
        """
        self.next_run_at = cron.next_after(self.expression, self.timezone, now()) if self.is_active else None
