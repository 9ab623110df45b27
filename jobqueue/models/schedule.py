"""A schedule: when to enqueue which task type with which payload."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils.timezone import now

from jobqueue import schedule_rules
from jobqueue.states import Priority


class ScheduleKind(models.TextChoices):
    """How the times are said."""

    CRON = "cron", "At times (cron)"
    INTERVAL = "interval", "Every so often"


class MissedPolicy(models.TextChoices):
    """What becomes of times at which nothing fired, because nothing ran."""

    SKIP = "skip", "Leave them out"
    ONCE = "once", "Run once for all of them"
    ALL = "all", "Run each, one after the other"


class OverlapPolicy(models.TextChoices):
    """What becomes of a time at which the schedule's job before it is unfinished."""

    SKIP = "skip", "Leave it out"
    QUEUE_ONE = "queue_one", "Let one wait"
    ALLOW = "allow", "Run side by side"


class Schedule(models.Model):
    """Times, and the job that is enqueued at each. `scheduler.py` fires it."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=8, choices=ScheduleKind, default=ScheduleKind.CRON, db_default=ScheduleKind.CRON)
    expression = models.CharField(
        max_length=255, blank=True, default="", help_text="minute hour day month weekday, as in crontab"
    )
    interval = models.DurationField(null=True, blank=True, help_text="Between two runs, such as 00:15:00.")
    timezone = models.CharField(max_length=64, default="UTC", help_text="IANA name, such as Europe/Berlin")
    starts_at = models.DateTimeField(null=True, blank=True, help_text="No run before this time.")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="No run after this time.")

    task_type = models.CharField(max_length=100)
    payload = models.JSONField(default=dict, blank=True)
    scope = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        help_text='For whom, such as {"coach": 12}; empty for all.',
    )
    queue = models.CharField(max_length=64, default="default")
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    max_attempts = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1)])

    missed = models.CharField(
        max_length=4, choices=MissedPolicy, default=MissedPolicy.ONCE, db_default=MissedPolicy.ONCE
    )
    missed_window = models.DurationField(
        default=timedelta(hours=1), db_default=timedelta(hours=1), help_text="Older missed times are left out."
    )
    missed_cap = models.PositiveSmallIntegerField(
        default=100,
        db_default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1_000)],
        help_text="At most so many missed times are made up for; older ones are left out.",
    )
    overlap = models.CharField(
        max_length=9, choices=OverlapPolicy, default=OverlapPolicy.QUEUE_ONE, db_default=OverlapPolicy.QUEUE_ONE
    )
    jitter = models.DurationField(
        default=timedelta(), db_default=timedelta(), help_text="Each run is delayed by up to this, evenly spread."
    )
    grace = models.DurationField(
        default=timedelta(minutes=5),
        db_default=timedelta(minutes=5),
        help_text="So late it still counts as on time; later it is missed, and an alert is raised.",
    )

    is_active = models.BooleanField(default=True)
    next_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    counts_from = models.DateTimeField(default=now, db_default=Now(), editable=False)
    """Times before it do not count: the schedule was something else, or off."""
    notes = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index("next_run_at", name="schedule_due", condition=Q(is_active=True)),
            GinIndex(fields=["scope"], name="schedule_by_scope", opclasses=["jsonb_path_ops"], condition=~Q(scope={})),
        ]
        constraints = [
            models.CheckConstraint(
                name="schedule_active_has_next",
                condition=Q(is_active=False) | Q(next_run_at__isnull=False),
                violation_error_message="An active schedule has a next time: call reschedule() first.",
            ),
            models.CheckConstraint(
                name="schedule_has_times",
                condition=Q(kind=ScheduleKind.CRON, interval__isnull=True) & ~Q(expression="")
                | Q(
                    kind=ScheduleKind.INTERVAL,
                    expression="",
                    interval__isnull=False,  # or the comparison is unknown, which passes
                    interval__gte=timedelta(minutes=1),
                ),
            ),
            models.CheckConstraint(name="schedule_missed_known", condition=Q(missed__in=MissedPolicy.values)),
            models.CheckConstraint(name="schedule_overlap_known", condition=Q(overlap__in=OverlapPolicy.values)),
            models.CheckConstraint(
                name="schedule_spans_not_negative",
                condition=Q(jitter__gte=timedelta(), grace__gte=timedelta(), missed_window__gte=timedelta()),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_interval(self) -> bool:
        """Whether it runs every so often, and not at given times."""
        return self.kind == ScheduleKind.INTERVAL

    def clean(self) -> None:
        """Refuse what could not be fired, and bring the expression into its usual form.

        Raises:
            ValidationError: by field, with what would be right.
        """
        problems = schedule_rules.problems_of(self)
        if problems:
            raise ValidationError(problems)

    def clean_fields(self, exclude: Any = None) -> None:
        """As Django does; the next time is the scheduler's business, set here if it is missing."""
        super().clean_fields(exclude=exclude)
        if self.is_active and self.next_run_at is None and not schedule_rules.problems_of(self):
            self.reschedule()

    def validate_constraints(self, exclude: Any = None) -> None:
        """As Django does; that an active schedule has a next time is no business of who fills in a form."""
        super().validate_constraints(exclude={*(exclude or ()), "next_run_at"})

    def reschedule(self) -> None:
        """Set `next_run_at` to when the scheduler must look at it, or to nothing while inactive. Does not save.

        Times before now do not count any more. A new interval schedule without a start runs at once; one that was
        edited or switched on, after its interval. Its upcoming job is made at the next tick.

        Raises:
            InvalidExpressionError, InvalidTimezoneError: see `clean`.
        """
        moment = now().replace(microsecond=0)
        is_waiting = self.interval is not None and self.starts_at is None and not self._state.adding
        self.counts_from = moment + self.interval if is_waiting and self.interval else moment
        if not self.is_active:
            self.next_run_at = None
        else:
            self.next_run_at = moment if self.interval else schedule_rules.first_time(self, self.counts_from)
