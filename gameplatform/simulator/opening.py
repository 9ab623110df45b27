"""What the platform holds when the world opens; its teams deviate from the school's here and there."""

from dataclasses import dataclass
from uuid import UUID

from gameplatform.simulator import account as accounts
from gameplatform.simulator.account import Account
from gameplatform.simulator.draw import number
from gameplatform.simulator.people import Division, Team
from gameplatform.simulator.world import World

TEAM_IDS = 5_001
_DEVIANT = 14  # one member in so many is missing from the platform's team, as many are in another one


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformTeam:
    """A team as the platform keeps it."""

    syned_team_id: str
    metactf_team_id: int
    metactf_coach_id: int
    name: str
    division: Division
    affiliation: str


def opening_accounts(world: World, opened_at: int) -> dict[str, Account]:
    """An account for every coach and for every competitor that has a status."""
    known = [accounts.of_coach(coach, opened_at) for coach in world.coaches]
    known += [
        accounts.of_competitor(world.seed, competitor, competitor.status, opened_at)
        for competitor in world.competitors
        if competitor.status is not None
    ]
    return {account.syned_user_id: account for account in known}


def opening_teams(world: World, known: dict[str, Account]) -> dict[str, PlatformTeam]:
    """The teams that are on the platform already."""
    teams = (team for team in world.teams if team.on_platform)
    return {
        str(team.syned_team_id): PlatformTeam(
            syned_team_id=str(team.syned_team_id),
            metactf_team_id=TEAM_IDS + team.index,
            metactf_coach_id=known[str(team.coach_id)].metactf_user_id,
            name=team.name,
            division=team.division,
            affiliation=team.affiliation,
        )
        for team in teams
    }


def opening_assignments(world: World, known: dict[str, Account]) -> dict[str, str]:
    """User to team, with a few members missing and a few strangers in teams of the same coach."""
    placed = {}
    first_team: dict[UUID, Team] = {}
    for team in world.teams:
        if not team.on_platform:
            continue
        other = first_team.setdefault(team.coach_id, team)
        for member in team.member_ids:
            lot = number(world.seed, member, "assignment") % _DEVIANT
            if str(member) in known and lot != 0:
                placed[str(member)] = str((other if lot == 1 else team).syned_team_id)
    return placed
