"""MetaCTF as a provider: its answers translated into our records."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from gameplatform.client.answers import ChallengeSolve, FlashCtf
from gameplatform.client.auth import TokenAuth
from gameplatform.client.endpoints import MetaCtfApi
from gameplatform.client.pace import LearnedPace
from gameplatform.client.transport import Transport
from gameplatform.conf import Conf
from gameplatform.exceptions import BadResponse
from gameplatform.providers.records import (
    AccountRef,
    EventEntry,
    PlatformSolve,
    Practice,
    Profile,
    ReportedTotals,
)


def build(conf: Conf) -> "MetaCtf":
    """The provider by these settings.

    Raises:
        NotConfigured: no usable token.
    """
    transport = Transport(
        base_url=conf.API_BASE_URL.rstrip("/"),
        auth=TokenAuth("Bearer", conf.API_TOKEN),
        conf=conf,
        pace=LearnedPace(conf.RETRY_AFTER_CAP_SECONDS),
    )
    return MetaCtf(transport, parse_tries=conf.PARSE_TRIES)


class MetaCtf:
    """Fulfils `Provider`."""

    def __init__(self, transport: Transport, *, parse_tries: int) -> None:
        self._transport = transport
        self._api = MetaCtfApi(transport, parse_tries=parse_tries)

    @property
    def requests_sent(self) -> int:
        """How many requests went out so far."""
        return self._transport.requests_sent

    def check_health(self) -> None:
        """Raise if the platform as a whole cannot be used now."""
        self._api.health()

    def profile(self, account: AccountRef) -> Profile:
        """Who the account is."""
        user = self._api.user(account.id)
        return Profile(
            remote_id=user.metactf_user_id,
            username=user.metactf_username,
            status=user.metactf_user_status or "",
            last_login=_moment(user.last_login_unix_timestamp),
        )

    def practice(self, account: AccountRef, since: datetime | None) -> Practice:
        """Practice solves; the totals only of an unfiltered call, as a filter may narrow them too."""
        after = None if since is None else max(0, int(since.timestamp()))
        scores = self._api.odl_scores(account.id, after)
        totals = ReportedTotals(challenges=scores.total_challenges_solved, points=scores.total_points)
        return Practice(
            solves=_solves(scores.challenge_solves, "/scores/get_odl_scores"),
            totals=totals if after is None else None,
            last_seen=_moment(scores.last_accessed_unix_timestamp),
        )

    def events(self, account: AccountRef) -> tuple[EventEntry, ...]:
        """The flash CTF history."""
        entries = [_entry(flash) for flash in self._api.flash_ctf_progress(account.id).flash_ctfs]
        unique = {(entry.name, entry.starts_at): entry for entry in entries}
        if any(unique[entry.name, entry.starts_at] != entry for entry in entries):
            raise _contradiction("two different results in one event", "/scores/get_flash_ctf_progress")
        return tuple(unique.values())

    def team_assignments(self) -> Mapping[str, str | None]:
        """The team of every account."""
        teams: dict[str, str | None] = {}
        for one in self._api.team_assignments().assignments:
            account, team = one.syned_user_id.lower(), one.syned_team_id and one.syned_team_id.lower()
            if teams.setdefault(account, team) != team:
                raise _contradiction(f"account {account} is in two teams", "/users/get_team_assignments")
        return teams

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()


def _entry(flash: FlashCtf) -> EventEntry:
    return EventEntry(
        name=flash.flash_ctf_name,
        starts_at=datetime.fromtimestamp(flash.flash_ctf_time_start_unix, UTC),
        rank=flash.rank,
        points=flash.points_earned,
        max_points=flash.max_points_possible,
        challenges_solved=flash.challenges_solved,
        solves=_solves(flash.challenge_solves, "/scores/get_flash_ctf_progress"),
    )


def _solves(answers: Iterable[ChallengeSolve], path: str) -> tuple[PlatformSolve, ...]:
    unique: dict[int, PlatformSolve] = {}
    for answer in answers:
        solve = _solve(answer)
        if unique.setdefault(solve.solve_id, solve) != solve:
            raise _contradiction(f"two different solves have the id {solve.solve_id}", path)
    return tuple(unique.values())


def _solve(answer: ChallengeSolve) -> PlatformSolve:
    return PlatformSolve(
        solve_id=answer.challenge_solve_id,
        challenge_id=answer.challenge_id,
        title=answer.challenge_title,
        category=answer.challenge_category,
        points=answer.challenge_points,
        solved_at=datetime.fromtimestamp(answer.timestamp_unix, UTC),
        work_roles=tuple(answer.nist_nice_work_roles),
        retired=answer.challenge_retired,
    )


def _moment(unix: int | None) -> datetime | None:
    # The platform writes "never" as null or 0.
    return datetime.fromtimestamp(unix, UTC) if unix else None


def _contradiction(problem: str, path: str) -> BadResponse:
    return BadResponse(problem, method="GET", path=path, status=200)
