"""MetaCTF's answers, parsed once into frozen structs. Only the fields that are used are named and demanded."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

type Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
type RemoteId = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
type UnixTime = Annotated[int, Meta(ge=0, le=253_402_300_799)]  # the year 9999 ends
type Points = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
type Name = Annotated[str, Meta(max_length=200)]


class UserAnswer(Struct, frozen=True, kw_only=True):
    """GET /users."""

    metactf_user_id: RemoteId
    metactf_username: Name
    syned_user_id: str
    metactf_user_status: Literal["user_created", "pending_approval", "approved", "denied"] | None = None
    last_login_unix_timestamp: UnixTime | None


class ChallengeSolve(Struct, frozen=True, kw_only=True):
    """One solved challenge, in practice or in an event; the solve id is unique within that only."""

    challenge_solve_id: RemoteId
    challenge_id: RemoteId
    challenge_title: Annotated[str, Meta(max_length=500)]
    challenge_points: Points
    challenge_category: Annotated[str, Meta(max_length=100)]
    timestamp_unix: UnixTime
    challenge_retired: bool
    nist_nice_work_roles: list[str]


class ScoresAnswer(Struct, frozen=True, kw_only=True):
    """GET /scores/get_odl_scores."""

    syned_user_id: str | None
    total_challenges_solved: Count
    total_points: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
    last_accessed_unix_timestamp: UnixTime | None
    challenge_solves: list[ChallengeSolve]


class FlashCtf(Struct, frozen=True, kw_only=True):
    """One account's result in one event."""

    flash_ctf_name: Name
    flash_ctf_time_start_unix: UnixTime
    challenges_solved: Count
    challenge_solves: list[ChallengeSolve]
    points_earned: Points
    max_points_possible: Points
    rank: Count | None


class Assignment(Struct, frozen=True, kw_only=True):
    """In which team one account is; None or absent: in none."""

    syned_user_id: str
    syned_team_id: str | None = None


class AssignmentsAnswer(Struct, frozen=True, kw_only=True):
    """GET /users/get_team_assignments."""

    assignments: list[Assignment]


class FlashAnswer(Struct, frozen=True, kw_only=True):
    """GET /scores/get_flash_ctf_progress."""

    syned_user_id: str | None
    flash_ctfs: list[FlashCtf]
