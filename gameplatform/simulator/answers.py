"""The shapes that the API answers with, field by field as the vendor documents them."""

import msgspec
from msgspec import UNSET, Struct, UnsetType


class UserAnswer(Struct, frozen=True, kw_only=True):
    """An account; the status may be left out of the answer to a creation."""

    metactf_user_id: int
    metactf_username: str
    syned_user_id: str
    metactf_user_status: str | UnsetType = UNSET
    last_login_unix_timestamp: int | None


class TeamAnswer(Struct, frozen=True, kw_only=True):
    """A team as it was created."""

    metactf_team_id: int
    metactf_coach_id: str
    syned_team_id: str
    team_name: str
    division: str
    affiliation: str


class AssignmentAnswer(Struct, frozen=True, kw_only=True):
    """Who is in which team, or in none."""

    syned_team_id: str | None
    syned_user_id: str


class AssignmentsAnswer(Struct, frozen=True, kw_only=True):
    """A list of assignments."""

    assignments: list[AssignmentAnswer]
    total_count: int


class ChallengeSolve(Struct, frozen=True):
    """One solved challenge; `challenge_solve_id` is unique in its event only."""

    challenge_solve_id: int
    challenge_id: int
    challenge_title: str
    challenge_points: int
    challenge_category: str
    timestamp_unix: int
    challenge_retired: bool
    nist_nice_work_roles: list[str]


class ScoresAnswer(Struct, frozen=True, kw_only=True):
    """Practice scores of one account."""

    syned_user_id: str
    metactf_user_id: int
    total_challenges_solved: int
    total_points: int
    last_accessed_unix_timestamp: int
    category_points: dict[str, int]
    challenge_solves: list[ChallengeSolve]


class FlashCtf(Struct, frozen=True, kw_only=True):
    """One account's result in one event."""

    flash_ctf_name: str
    flash_ctf_time_start_unix: int
    challenges_solved: int
    challenge_solves: list[ChallengeSolve]
    points_earned: int
    max_points_possible: int
    rank: int


class FlashAnswer(Struct, frozen=True, kw_only=True):
    """Every event an account took part in."""

    syned_user_id: str
    flash_ctfs: list[FlashCtf]


encode = msgspec.json.Encoder().encode

type Result = tuple[int, Struct | dict[str, str]]
"""An HTTP status and what to encode as the body."""
