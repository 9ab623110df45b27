"""A failure: all errors of one task type that look alike, counted as they happen."""

from django.db import models


class Failure(models.Model):
    """A group of errors with the same fingerprint; see `executor/fingerprints.py` for what looks alike."""

    pk = models.CompositePrimaryKey("task_type", "fingerprint")
    task_type = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=16)
    error_code = models.CharField(max_length=64)
    error_message = models.TextField(help_text="Of the latest one.")
    count = models.BigIntegerField(default=0, help_text="Attempts that failed so.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    last_job = models.ForeignKey(
        "jobqueue.Job", models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        ordering = ["-last_seen_at"]
        indexes = [models.Index("last_seen_at", name="failure_by_time")]

    def __str__(self) -> str:
        return f"{self.task_type}: {self.error_code}"
