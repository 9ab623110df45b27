"""The throughput: executions counted per minute, task type and outcome, so that no chart ever reads the jobs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jobqueue.states import AttemptOutcome, Status


class Throughput(models.Model):
    """What one worker did in one minute, or all of them in ten, or ever.

    The statement that finishes jobs writes it, so it is as true as their outcomes, and tells of jobs that were deleted
    since; see `throughput/`.
    """

    pk = models.CompositePrimaryKey("start", "task_type", "outcome", "status", "slot")
    start = models.DateTimeField(help_text="Of the minute, or of the ten minutes; 1970 for all time.")
    task_type = models.CharField(max_length=100)
    outcome = models.CharField(max_length=9, choices=AttemptOutcome)
    status = models.CharField(max_length=9, choices=Status, help_text="The job's own thereafter.")
    slot = models.IntegerField(help_text="Every worker has its own, so that none waits; -1: folded, -2: all time.")
    count = models.BigIntegerField()
    seconds = models.FloatField(help_text="How long they took together.")
    longest = models.FloatField(help_text="How long the longest of them took, in seconds.")
    waited = models.BigIntegerField(help_text="How many of them the next two fields are about.")
    wait_seconds = models.FloatField(help_text="How long they were due before they began.")
    longest_wait = models.FloatField()
    durations = ArrayField(models.BigIntegerField(), help_text="How many took up to each of the bounds, then longer.")

    class Meta:
        indexes = [models.Index("start", name="throughput_unfolded", condition=Q(slot__gte=0))]

    def __str__(self) -> str:
        return f"{self.task_type} {self.outcome} {self.start}"
