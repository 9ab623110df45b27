"""A job as the API shows it; its payload, result and texts with their secrets masked."""

from typing import Any

from pydantic import Field

from jobqueue.http.jobs.query import Page
from jobqueue.http.shapes import Answer, JobId, Json, Moment
from jobqueue.states import Priority, Status

STATUSES: dict[str, Any] = {"enum": Status.values}
PRIORITIES: dict[str, Any] = {"enum": Priority.names}


class ProgressShape(Answer):
    """How far a job says it is."""

    done: int
    total: int | None
    message: str


class JobShape(Answer):
    """A job of a list."""

    id: JobId
    short_id: str = Field(examples=["3f4a5b6c"])
    task_type: str = Field(examples=["game_platform_sync"])
    status: str = Field(json_schema_extra=STATUSES, examples=["failed"])
    queue: str = Field(examples=["default"])
    priority: str = Field(json_schema_extra=PRIORITIES, examples=["NORMAL"])
    run_at: Moment = Field(description="Not before this time.")
    created_at: Moment
    started_at: Moment | None = Field(description="Of the last attempt.")
    finished_at: Moment | None
    attempts: int = Field(description="Used since the last manual retry.", examples=[2])
    max_attempts: int = Field(examples=[5])
    error_code: str = Field(examples=["AUTH_ERROR"])
    error_message: str
    tags: list[str]
    created_by: int | None = Field(description="The id of a user.")
    schedule: int | None = Field(description="The id of the schedule that enqueued it.")
    progress: ProgressShape | None


class JobPage(Answer):
    """Some jobs, the newest first."""

    jobs: list[JobShape]
    next_cursor: JobId | None = Field(description="Give it as `cursor` for the next page; null on the last one.")


class WaitingShape(Answer):
    """Why a job waits."""

    kind: str = Field(examples=["paused_queue"])
    sentence: str = Field(examples=["It is due, and about 3 jobs come before it."])


class AttemptShape(Answer):
    """One execution of a job."""

    number: int
    claim: int
    worker: str | None
    started_at: Moment
    finished_at: Moment
    outcome: str = Field(examples=["error"])
    error_code: str
    error_class: str
    error_message: str
    traceback: str


class LogLineShape(Answer):
    """A line that a job logged."""

    claim: int = Field(description="Of the attempt.")
    time: Moment
    level: str = Field(examples=["INFO"])
    text: str


class RelatedShape(Answer):
    """A job beside another one."""

    id: JobId
    task_type: str
    status: str = Field(json_schema_extra=STATUSES)


class RelatedJobs(Answer):
    """The jobs beside a job; at most 100 of each kind."""

    parent: JobId | None = Field(description="The job that enqueued it.")
    depends_on: list[RelatedShape]
    dependents: list[RelatedShape]
    children: list[RelatedShape]


class OwnJobShape(JobShape):
    """One's own job."""

    payload: Json
    result: Json
    waiting: WaitingShape | None = Field(description="Why it waits, if it does.")


class JobDetails(OwnJobShape):
    """A job with all that belongs to it."""

    deadline: Moment | None
    timeout_seconds: float | None
    unique_key: str | None
    concurrency_key: str | None
    concurrency_limit: int | None
    fingerprint: str
    cancel_requested_at: Moment | None
    cancel_reason: str
    attempt_history: list[AttemptShape] = Field(description="The last 100, oldest first.")
    log: list[LogLineShape] = Field(description="The last 1,000 lines.")
    related: RelatedJobs


def page_shape(page: Page) -> dict[str, Any]:
    """A page as `JobPage`."""
    onward = None if page.onward is None else str(page.onward)
    return {"jobs": [job.to_json() for job in page.jobs], "nextCursor": onward}
