"""GET /admin/jobs: pages of jobs by key, newest first, so that the last page costs what the first does."""

from typing import Annotated, Any, Self
from uuid import UUID

from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from jobqueue.http.caller import READ
from jobqueue.http.jobs.query import Filters, newest
from jobqueue.http.jobs.router import router
from jobqueue.http.jobs.shapes import STATUSES, JobPage, page_shape
from jobqueue.http.problems import invalid
from jobqueue.http.routing import route
from jobqueue.http.shapes import Limit, Time
from jobqueue.management.users import user_called
from jobqueue.states import Status, parse_status

_Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=20)]


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    cursor: UUID | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: Limit = 50


class OwnQuery(PageQuery):
    """Which of one's own jobs."""

    status: _Words = Field(
        default=[],
        description="Any of these; repeat it or separate by commas. `processing` and `completed` are understood.",
        json_schema_extra={"items": {"type": "string", **STATUSES}},
    )
    type: _Words = Field(default=[], description="Any of these task types.", examples=[["game_platform_sync"]])

    @field_validator("status", "type", mode="before")
    @classmethod
    def _split(cls, values: Any) -> Any:
        if not isinstance(values, list):
            return values
        return [word.strip() for value in values for word in str(value).split(",")]

    @field_validator("status")
    @classmethod
    def _known(cls, values: list[str]) -> list[Status]:
        return [parse_status(value) for value in values]


class JobsQuery(OwnQuery):
    """Which jobs; all that is given must fit."""

    queue: _Words = Field(default=[], description="Any of these queues.")
    from_: Time | None = Field(default=None, alias="from", description="Created at this time or later.")
    to: Time | None = Field(default=None, description="Created before this time.")
    user: str = Field(default="", max_length=150, description="Enqueued on behalf of this user: id or name.")
    search: str = Field(
        default="", max_length=200, description="A job's id (or its last 8 digits), a task type, or an error code."
    )

    @field_validator("queue", mode="before")
    @classmethod
    def _split_queues(cls, values: Any) -> Any:
        return cls._split(values)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.from_ >= self.to:
            raise ValueError("`from` must be before `to`")
        return self


@route(router, "GET", "/admin/jobs", needs=READ, answers=JobPage, summary="List jobs")
def list_jobs(request: HttpRequest, query: Query[JobsQuery]) -> dict[str, Any]:
    """The jobs that fit all filters, the newest first, a page at a time.

    By task type, queue or search, 50,000 jobs are looked at for one page: it may have fewer jobs than asked for, even
    none, and yet a `nextCursor`, with which the next page looks further.
    """
    filters = Filters(
        statuses=tuple(map(Status, query.status)),
        task_types=tuple(query.type),
        queues=tuple(query.queue),
        since=query.from_,
        until=query.to,
        created_by=_user(query.user) if query.user else None,
        search=query.search.strip(),
        before=query.cursor,
    )
    return page_shape(newest(filters, query.limit))


def _user(text: str) -> int:
    found = user_called(text)
    if found is None:
        raise invalid({"user": f"there is no user {text!r}: expected an id or a name"})
    return int(found.pk)
