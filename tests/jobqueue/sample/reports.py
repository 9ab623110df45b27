"""A handler whose payload has a field of every kind that a form can show, and some that it cannot."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from jobqueue.registry import JobContext, Payload, job_handler


class Paper(StrEnum):
    LETTER = "letter"
    A4 = "a4"


class Report(Payload, frozen=True):
    title: Annotated[str, Meta(max_length=40, description="Printed on top.")]
    sections: tuple[Literal["solves", "events", "teams"], ...] = ("solves", "events")
    paper: Paper = Paper.A4
    copies: Annotated[int, Meta(ge=1, le=9)] = 1
    scale: Annotated[float, Meta(ge=0.5, le=2)] | None = None
    parallel: bool = True
    in_colour: bool | None = None
    since: date | None = None
    not_before: Annotated[datetime, Meta(tz=True)] | None = None
    team: UUID | None = None
    organization_id: int | None = None
    coach_id: int | None = None
    api_token: str | None = None
    extra: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.copies == 9 and self.paper == Paper.LETTER:
            raise ValueError("Nine copies need A4")


@job_handler("write_report", label="Write report")
def write_report(job: JobContext, payload: Report) -> None:
    return None
