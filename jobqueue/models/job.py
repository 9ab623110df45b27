"""A job: one unit of work, one row. `transitions` and `claim.py` alone write its status."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from jobqueue.ids import uuid7
from jobqueue.querysets import JobQuerySet
from jobqueue.states import FINISHED, WAITING, Parked, Priority, Status


class Job(models.Model):
    """One unit of work."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task_type = models.CharField(max_length=100)
    payload = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    queue = models.CharField(max_length=64, default="default", db_default="default")
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL, db_default=Priority.NORMAL)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING, db_default=Status.PENDING)
    run_at = models.DateTimeField(default=timezone.now, db_default=Now())
    deadline = models.DateTimeField(null=True, blank=True, help_text="Not started by then: cancelled.")
    timeout = models.DurationField(null=True, blank=True, help_text="Empty: the task type's own.")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Used since the last manual retry.")
    max_attempts = models.PositiveSmallIntegerField(default=5, db_default=5)
    tags = ArrayField(
        models.CharField(max_length=64),
        default=list,
        db_default=Value([], ArrayField(models.TextField())),
        blank=True,
    )

    created_at = models.DateTimeField(default=timezone.now, db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    schedule = models.ForeignKey(
        "jobqueue.Schedule", models.SET_NULL, null=True, blank=True, related_name="jobs", db_index=False
    )
    occurrence = models.DateTimeField(null=True, blank=True, help_text="When the schedule meant it to run.")
    parent = models.ForeignKey(
        "self",
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="children",
        db_constraint=False,
        db_index=False,
    )

    unique_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001  NULL is "no key"
    unique_states = ArrayField(models.CharField(max_length=9), null=True, blank=True)
    concurrency_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    concurrency_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    blockers = models.PositiveIntegerField(
        default=0, db_default=0, help_text="What keeps it from being claimed: jobs that it depends on, and `parked`."
    )
    parked = models.CharField(max_length=7, choices=Parked, blank=True, default="", db_default="")
    postponed = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often in a row its handler asked to be run later."
    )

    claim = models.BigIntegerField(default=0, db_default=0, help_text="Grows at every claim, is never reset.")
    # No foreign key: a claim would have to lock the worker's row once per job.
    worker = models.ForeignKey(
        "jobqueue.Worker",
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="jobs",
        db_constraint=False,
        db_index=False,
    )
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    cancel_reason = models.TextField(blank=True, default="", db_default="")

    error_code = models.CharField(max_length=64, blank=True, default="", db_default="")
    error_message = models.TextField(blank=True, default="", db_default="")
    fingerprint = models.CharField(max_length=16, blank=True, default="", db_default="", help_text="See `Failure`.")
    result = models.JSONField(null=True, blank=True)
    checkpoint = models.JSONField(null=True, blank=True)
    progress_done = models.BigIntegerField(null=True, blank=True)
    progress_total = models.BigIntegerField(null=True, blank=True)
    progress_message = models.CharField(max_length=255, blank=True, default="", db_default="")

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("operate_job", "Can run, retry, cancel and pause jobs"),
            ("edit_job_payload", "Can edit the payload of jobs that wait"),
        ]
        indexes = [
            # The claim walks one priority level at a time; see claim.py. Nothing else may serve its order.
            models.Index("priority", "run_at", "id", name="job_due", condition=Q(status__in=WAITING, blockers=0)),
            # For workers of some queues only, which must not walk over the others' backlog.
            models.Index(
                "queue",
                "priority",
                "run_at",
                "id",
                name="job_due_in_queue",
                condition=Q(status__in=WAITING, blockers__lt=1),
            ),
            models.Index("queue", "task_type", name="job_paused", condition=Q(parked=Parked.PAUSED)),
            models.Index(
                "concurrency_key",
                F("priority").desc(),
                "run_at",
                "id",
                name="job_limited",
                condition=Q(parked=Parked.LIMITED),
            ),
            models.Index(
                "concurrency_key",
                name="job_holding_place",
                condition=Q(worker__isnull=False, concurrency_key__isnull=False),
            ),
            models.Index(
                "deadline",
                name="job_by_deadline",
                condition=Q(status=Status.PENDING, attempts=0, deadline__isnull=False),
            ),
            models.Index("fingerprint", F("id").desc(), name="job_by_fingerprint", condition=~Q(fingerprint="")),
            models.Index(
                "finished_at", name="job_by_failure_time", condition=Q(status__in=(Status.FAILED, Status.DEAD))
            ),
            GinIndex(fields=["tags"], name="job_by_tag", condition=~Q(tags=[])),
            models.Index("worker", name="job_running", condition=Q(status=Status.RUNNING)),
            models.Index("status", F("id").desc(), name="job_by_status"),
            models.Index("schedule", F("id").desc(), name="job_by_schedule", condition=Q(schedule__isnull=False)),
            # What of a schedule is unfinished, without a walk over its history. A run by hand has no occurrence.
            models.Index(
                "schedule",
                name="job_open_of_schedule",
                condition=Q(schedule__isnull=False, occurrence__isnull=False, finished_at__isnull=True),
            ),
            models.Index("parent", name="job_by_parent", condition=Q(parent__isnull=False)),
            models.Index("created_by", F("id").desc(), name="job_by_creator", condition=Q(created_by__isnull=False)),
            # Deleting a user must not read every job to clear this column.
            models.Index(
                "cancel_requested_by",
                name="job_by_canceller",
                condition=Q(cancel_requested_by__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="job_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(name="job_priority_known", condition=Q(priority__in=Priority.values)),
            models.CheckConstraint(
                name="job_finished_has_time",
                condition=Q(status__in=FINISHED, finished_at__isnull=False)
                | (~Q(status__in=FINISHED) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_running_has_worker",
                condition=Q(status=Status.RUNNING, worker__isnull=False)
                | (~Q(status=Status.RUNNING) & Q(worker__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_attempts_in_budget",
                condition=Q(max_attempts__gte=1, attempts__lte=F("max_attempts")),
            ),
            models.CheckConstraint(
                name="job_parked_waits",
                condition=Q(parked="") | Q(parked__in=Parked.values, status__in=WAITING, blockers__gte=1),
            ),
            models.CheckConstraint(
                name="job_running_unblocked",
                condition=~Q(status=Status.RUNNING) | Q(blockers=0),
            ),
            models.CheckConstraint(
                name="job_concurrency_limit_with_key",
                condition=Q(concurrency_key__isnull=True, concurrency_limit__isnull=True)
                | Q(concurrency_key__isnull=False, concurrency_limit__gte=1),
            ),
            models.CheckConstraint(
                name="job_unique_states_with_key",
                condition=Q(unique_key__isnull=True, unique_states__isnull=True)
                | Q(unique_key__isnull=False, unique_states__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_type} {self.short_id}"

    @property
    def short_id(self) -> str:
        """The random end of the id: its beginning is a time and alike for jobs of one burst."""
        return self.id.hex[-8:]

    @property
    def is_finished(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.status in FINISHED

    @property
    def attempt_number(self) -> int:
        """The attempt it is in, or the last it had: what a person means by "2 of 3"."""
        is_unmarked = self.status == Status.RUNNING and self.started_at is None
        return self.attempts + 1 if is_unmarked else self.attempts

    @property
    def duration(self) -> timedelta | None:
        """How long the last attempt took, or has been running."""
        if self.started_at is None:
            return None
        if self.status == Status.RUNNING:
            return timezone.now() - self.started_at
        return self.finished_at - self.started_at if self.finished_at else None
