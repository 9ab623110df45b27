"""A dependency: one job waits for another to succeed."""

from django.db import models
from django.db.models import Q

from jobqueue.states import OnFailure


class Dependency(models.Model):
    """`job` waits for `parent`. The unmet ones of a job are counted in its `blockers`; `jobqueue_settle` meets them."""

    pk = models.CompositePrimaryKey("job_id", "parent_id")
    # No foreign keys in the database: their checks would lock the parent's row, which its worker is about to write.
    # A trigger deletes dependencies with their jobs.
    job = models.ForeignKey(
        "jobqueue.Job", models.DO_NOTHING, related_name="dependencies", db_constraint=False, db_index=False
    )
    parent = models.ForeignKey(
        "jobqueue.Job", models.DO_NOTHING, related_name="dependents", db_constraint=False, db_index=False
    )
    on_failure = models.CharField(max_length=6, choices=OnFailure, default=OnFailure.HOLD)
    is_met = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index("parent", name="dependency_of_parent"),
            models.Index("parent", name="dependency_unmet", condition=Q(is_met=False)),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} waits for {self.parent_id}"
