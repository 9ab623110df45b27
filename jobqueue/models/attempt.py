"""An attempt: one execution of a job, written once, when it ended."""

from datetime import timedelta

from django.db import models

from jobqueue.states import AttemptOutcome


class Attempt(models.Model):
    """One execution of a job. The claim under which it ran identifies it, so it cannot be recorded twice."""

    pk = models.CompositePrimaryKey("job_id", "claim")
    # No foreign key in the database: its check would cost every job a locked look-up. The attempt is inserted by
    # the statement that finishes its job, and a trigger deletes it with its job.
    job = models.ForeignKey(
        "jobqueue.Job", models.DO_NOTHING, related_name="attempt_set", db_constraint=False, db_index=False
    )
    claim = models.BigIntegerField()
    number = models.PositiveSmallIntegerField()
    worker = models.ForeignKey(
        "jobqueue.Worker",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=AttemptOutcome)
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_class = models.CharField(
        max_length=255, blank=True, default="", db_default="", help_text="The dotted path of the exception's class."
    )
    error_message = models.TextField(blank=True, default="")
    traceback = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["claim"]

    def __str__(self) -> str:
        return f"Attempt {self.number} of {self.job_id}"

    @property
    def duration(self) -> timedelta:
        """How long it took."""
        return self.finished_at - self.started_at
