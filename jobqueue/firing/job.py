"""The job that a schedule enqueues."""

from collections.abc import Collection
from uuid import UUID

from jobqueue import scopes
from jobqueue.enqueuing import NewJob
from jobqueue.firing.plan import Firing
from jobqueue.models import Schedule
from jobqueue.registry import registry
from jobqueue.states import OnFailure


def job_of(
    schedule: Schedule, firing: Firing | None = None, *, behind: Collection[UUID] = (), by: int | None = None
) -> NewJob:
    """The job of one time of the schedule, or without a time the one of a run by hand.

    Args:
        behind: jobs that must have ended before it begins, in whatever way.
        by: the user on whose behalf; by default who made the schedule.

    Raises:
        UnknownTaskTypeError: nobody knows the task type any more.
    """
    task_type = registry.get(schedule.task_type)
    return NewJob(
        task_type=schedule.task_type,
        payload=scopes.with_scope(schedule.payload, schedule.scope, task_type),
        queue=schedule.queue,
        priority=schedule.priority,
        max_attempts=schedule.max_attempts,
        schedule=schedule.pk,
        occurrence=firing.scheduled_at if firing else None,
        run_at=firing.run_at if firing else None,
        depends_on=behind,
        on_failure=OnFailure.RUN,
        created_by=schedule.created_by_id if by is None else by,
    )
