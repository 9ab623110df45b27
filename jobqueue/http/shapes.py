"""What bodies and answers of all routes have in common."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.utils import timezone
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic.alias_generators import to_camel

type Json = Any
_SHORTEST_TIME = len("2026-12-24T18:00Z")
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-24T10:12:05.123456Z"])]
"""A time in an answer, in UTC."""
JobId = Annotated[str, Field(json_schema_extra={"format": "uuid"}, examples=["019ab3f4-5d6e-7a8b-9c0d-1e2f3a4b5c6d"])]
"""A job's id in an answer."""
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""The id of a row."""
StrictKey = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]
"""The same in a body, where "7" is no number."""
Flag = StrictBool
Reason = Annotated[str, Field(max_length=2_000, description="Why; kept with the job and in the audit log.")]
Limit = Annotated[int, Field(ge=1, le=200, description="At most so many.")]


def _time(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) >= _SHORTEST_TIME else None
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise ValueError("expected a time with a time zone, such as 2026-12-24T18:00:00+01:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is too far away: expected a time of the years 1 to 9999") from None


Time = Annotated[datetime, BeforeValidator(_time)]
"""A time that is sent: ISO 8601 with a time zone, in UTC thereafter."""


class Body(BaseModel):
    """What is sent: camelCase, and no field that nobody knows."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class Answer(BaseModel):
    """What is answered: camelCase, and exactly this."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid")


class ProblemDetails(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description="For programs.", examples=["VALIDATION_ERROR"])
    message: str = Field(description="What was expected, for people.", examples=["coachId: expected a valid integer."])
    fields: dict[str, str] = Field(default={}, description="By input field, what is wrong with it.")


class Problem(BaseModel):
    """Every error."""

    model_config = ConfigDict(extra="forbid")

    error: ProblemDetails


class Done(Answer):
    """It was done."""

    success: bool = Field(examples=[True])
    message: str = Field(examples=["The job was deleted."])
