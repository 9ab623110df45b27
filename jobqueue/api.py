"""The queue's front door: enqueue jobs and act on them. `Job` and `Schedule` are for reading and for seeding."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from jobqueue.audit import Actor, record
from jobqueue.dashboard_parts import DashboardPart, Reading, Signal
from jobqueue.declaring import schedule
from jobqueue.editing import JobChanges, edit
from jobqueue.enqueuing import Enqueued, NewJob, chain, group, insert, insert_many
from jobqueue.health import Level
from jobqueue.models import Job, Schedule
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause, resume
from jobqueue.quick_actions import QuickAction, QuickStep
from jobqueue.schedule_templates import ScheduleTemplate, TemplateSchedule
from jobqueue.scheduler import run_schedule
from jobqueue.scopes import Scope
from jobqueue.states import OnFailure, Priority
from jobqueue.transitions import Moved, cancel, delete, retry, run_now
from jobqueue.watching import wait_for

__all__ = [
    "Actor",
    "DashboardPart",
    "Enqueued",
    "Job",
    "JobChanges",
    "Level",
    "Moved",
    "NewJob",
    "OnFailure",
    "PauseScope",
    "Priority",
    "QuickAction",
    "QuickStep",
    "Reading",
    "Schedule",
    "ScheduleTemplate",
    "Scope",
    "Signal",
    "TemplateSchedule",
    "cancel",
    "chain",
    "delete",
    "edit",
    "enqueue",
    "enqueue_many",
    "group",
    "pause",
    "record",
    "resume",
    "retry",
    "run_now",
    "run_schedule",
    "schedule",
    "wait_for",
]


def enqueue(
    task_type: str,
    payload: Any = None,
    *,
    run_at: datetime | None = None,
    delay: timedelta | None = None,
    priority: Priority | None = None,
    queue: str | None = None,
    depends_on: Collection[UUID] = (),
    on_failure: OnFailure = OnFailure.HOLD,
    unique_key: str | None = None,
    concurrency_key: str | None = None,
    concurrency_limit: int = 1,
    max_attempts: int | None = None,
    timeout: timedelta | None = None,
    deadline: datetime | None = None,
    created_by: int | None = None,
    tags: Sequence[str] = (),
    parent: UUID | None = None,
) -> Enqueued:
    """Enqueue one job, as part of the caller's transaction: rolled back with it, invisible before its commit.

    Args:
        payload: an instance of the task type's payload type, or a mapping with its JSON (camelCase) names.
        run_at: not before this time; `delay` says the same from now on.
        priority, queue, max_attempts, timeout: default by the task type.
        depends_on: ids of jobs that must have succeeded before this one runs.
        on_failure: what becomes of this one if one of them ends otherwise: it waits for a retry of it (HOLD), is
            cancelled, or runs all the same.
        unique_key: only one unfinished job may have it; default by the task type's own rule.
        concurrency_key: at most `concurrency_limit` jobs with this key run at once, over all workers; default by the
            task type's own rule.
        deadline: not started by then, it is cancelled as expired.
        created_by: the id of the user on whose behalf.
        parent: the job that enqueues this one.

    Returns:
        The job's id, and whether it was created or is the existing holder of the unique key.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is stored.
    """
    return insert(
        NewJob(
            task_type=task_type,
            payload=payload,
            run_at=run_at,
            delay=delay,
            priority=priority,
            queue=queue,
            depends_on=depends_on,
            on_failure=on_failure,
            unique_key=unique_key,
            concurrency_key=concurrency_key,
            concurrency_limit=concurrency_limit,
            max_attempts=max_attempts,
            timeout=timeout,
            deadline=deadline,
            created_by=created_by,
            tags=tags,
            parent=parent,
        )
    )


def enqueue_many(jobs: Iterable[NewJob]) -> list[Enqueued]:
    """Enqueue any number of jobs at once, as part of the caller's transaction; all or none.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is stored.
    """
    return insert_many(jobs)
