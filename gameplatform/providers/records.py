"""What every platform's data is translated into: frozen, in our own words, times with a zone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRef:
    """By what a platform may find an account: our id, its id, or the address."""

    id: UUID
    remote_id: int | None
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who the account is on the platform; the status is one of `Account.Status`, "" if it does not say."""

    remote_id: int
    username: str
    status: str
    last_login: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSolve:
    """One solved challenge; `solve_id` is unique within one account's practice or event only."""

    solve_id: int
    challenge_id: int
    title: str
    category: str
    points: int
    solved_at: datetime
    work_roles: tuple[str, ...]
    retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedTotals:
    """What the platform itself counts for an account's practice."""

    challenges: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """Solves outside events; the totals only if the whole history was asked for."""

    solves: tuple[PlatformSolve, ...]
    totals: ReportedTotals | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """One account in one event, which its name and start identify."""

    name: str
    starts_at: datetime
    rank: int | None
    points: int
    max_points: int
    challenges_solved: int
    solves: tuple[PlatformSolve, ...]
