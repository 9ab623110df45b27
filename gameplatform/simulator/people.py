"""The people and teams of the roster, as the school knows them; nothing here changes with time."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Division = Literal["high_school", "middle_school", "college"]
Role = Literal["coach", "user"]
Status = Literal["user_created", "pending_approval", "approved", "denied"]

TEAM_SIZE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Coach:
    """A coach; `status` is what the platform says of them when the world opens."""

    index: int
    syned_user_id: UUID
    first_name: str
    last_name: str
    email: str
    school: str
    status: Status
    role: Role = "coach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Competitor:
    """A student. `status` None: the platform has never heard of them. `grade` 6-12, None at a college."""

    index: int
    syned_user_id: UUID
    first_name: str
    last_name: str
    email: str
    coach_id: UUID
    team_id: UUID | None
    division: Division
    grade: int | None
    school: str
    status: Status | None
    role: Role = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """At most TEAM_SIZE competitors of one coach and division. `on_platform`: created there already."""

    index: int
    syned_team_id: UUID
    name: str
    coach_id: UUID
    division: Division
    affiliation: str
    member_ids: tuple[UUID, ...]
    on_platform: bool
