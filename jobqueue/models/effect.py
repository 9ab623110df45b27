"""An effect: something a handler did to the world that must not be done twice."""

from django.db import models


class Effect(models.Model):
    """One line of the ledger, written in the handler's own transaction by `JobContext.effect`."""

    pk = models.CompositePrimaryKey("task_type", "key")
    task_type = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    job = models.ForeignKey(
        "jobqueue.Job", models.DO_NOTHING, related_name="effects", db_constraint=False, db_index=False
    )
    claim = models.BigIntegerField(help_text="Of the attempt that applied it.")
    applied_at = models.DateTimeField()
    suppressed = models.PositiveIntegerField(default=0, help_text="How often it would have been applied again.")
    suppressed_at = models.DateTimeField(null=True, blank=True, help_text="The last time.")

    class Meta:
        ordering = ["-applied_at"]
        indexes = [
            models.Index("job", name="effect_of_job"),
            models.Index("applied_at", name="effect_by_time"),
            models.Index("suppressed_at", name="effect_suppressed", condition=models.Q(suppressed__gt=0)),
        ]

    def __str__(self) -> str:
        return self.key
