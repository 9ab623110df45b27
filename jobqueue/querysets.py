"""Reading jobs. Nothing here writes."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from jobqueue.states import UNFINISHED, WAITING, Status

if TYPE_CHECKING:
    from jobqueue.models.job import Job  # noqa: F401  ruff does not see it in the string below

MOST_IN_A_CHAIN = 200

# The arrays keep the planner, which cannot count them, at one look-up by key per job.
_PARENTS = "SELECT unnest(ARRAY(SELECT parent_id FROM jobqueue_dependency WHERE job_id = %s))"
_DEPENDENTS = "SELECT unnest(ARRAY(SELECT job_id FROM jobqueue_dependency WHERE parent_id = %s))"
_CHILDREN = "SELECT unnest(ARRAY(SELECT id FROM jobqueue_job WHERE parent_id = %s))"
# Up and down from one job, each visited once; the LIMIT ends the walk.
_CHAIN = f"""
WITH RECURSIVE chain (id) AS (
    SELECT %s::uuid
    UNION
    SELECT next.id FROM chain CROSS JOIN LATERAL (
        SELECT parent_id AS id FROM jobqueue_dependency WHERE job_id = chain.id
        UNION ALL
        SELECT job_id FROM jobqueue_dependency WHERE parent_id = chain.id
    ) AS next
)
SELECT unnest(ARRAY(SELECT id FROM chain LIMIT {MOST_IN_A_CHAIN}))
"""  # noqa: S608  a constant only


def _selected(sql: str, job: UUID) -> RawSQL:
    return RawSQL(sql, [job])  # noqa: S611  one of the constants above


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs by what people ask of them."""

    def waiting(self) -> "JobQuerySet":
        """Not started, or due again."""
        return self.filter(status__in=WAITING)

    def running(self) -> "JobQuerySet":
        """Claimed by a worker."""
        return self.filter(status=Status.RUNNING)

    def unfinished(self) -> "JobQuerySet":
        """Waiting or running."""
        return self.filter(status__in=UNFINISHED)

    def created_by(self, user: int) -> "JobQuerySet":
        """Enqueued on behalf of the user with this id."""
        return self.filter(created_by=user)

    def of_schedule(self, schedule: int) -> "JobQuerySet":
        """Enqueued by the schedule with this id."""
        return self.filter(schedule=schedule)

    def tagged(self, tag: str) -> "JobQuerySet":
        """With this tag among theirs."""
        # The partial index over tags is used only if the query says that there are some.
        return self.filter(~Q(tags=[]), tags__contains=[tag])

    def parents_of(self, job: UUID) -> "JobQuerySet":
        """The jobs that it depends on, met or not."""
        return self.filter(pk__in=_selected(_PARENTS, job))

    def dependents_of(self, job: UUID) -> "JobQuerySet":
        """The jobs that depend on it."""
        return self.filter(pk__in=_selected(_DEPENDENTS, job))

    def children_of(self, job: UUID) -> "JobQuerySet":
        """The jobs that it enqueued while it ran."""
        return self.filter(pk__in=_selected(_CHILDREN, job))

    def in_chain_of(self, job: UUID) -> "JobQuerySet":
        """Itself and all that depend on it or that it depends on, however far away; at most `MOST_IN_A_CHAIN`."""
        return self.filter(pk__in=_selected(_CHAIN, job))

    def for_list(self) -> "JobQuerySet":
        """Only what a list shows: no result, payload or checkpoint of a megabyte."""
        return self.defer("result", "checkpoint")
