"""A line that a handler logged."""

from django.db import models


class LogLine(models.Model):
    """One line, in the order (claim, number) within its job. Deleted with its job by a trigger."""

    pk = models.CompositePrimaryKey("job_id", "claim", "number")
    job = models.ForeignKey(
        "jobqueue.Job", models.DO_NOTHING, related_name="log_lines", db_constraint=False, db_index=False
    )
    claim = models.BigIntegerField()
    number = models.PositiveIntegerField()
    time = models.DateTimeField()
    level = models.CharField(max_length=8)
    text = models.TextField()

    class Meta:
        ordering = ["claim", "number"]

    def __str__(self) -> str:
        return f"{self.level} {self.text}"
