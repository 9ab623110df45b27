"""The demo's teams, students and platform accounts, as the simulated world has them."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib.auth.models import User

from coachdash.models import Competitor, Team
from gameplatform.models import Account
from gameplatform.simulator.world import World


def load_roster(world: World, coaches: Mapping[UUID, User]) -> None:
    """Add what is missing; rows that exist stay as they are. `coaches` are users by their platform id."""
    Team.objects.bulk_create(
        [
            Team(
                id=team.syned_team_id,
                coach=coaches[team.coach_id],
                name=team.name,
                division=team.division,
                affiliation=team.affiliation,
            )
            for team in world.teams
        ],
        ignore_conflicts=True,
    )
    Competitor.objects.bulk_create(
        [
            Competitor(
                id=competitor.syned_user_id,
                coach=coaches[competitor.coach_id],
                first_name=competitor.first_name,
                last_name=competitor.last_name,
                school_email=competitor.email,
                division=competitor.division,
                grade=competitor.grade,
                team_id=competitor.team_id,
            )
            for competitor in world.competitors
        ],
        ignore_conflicts=True,
    )


def load_accounts(world: World, coaches: Mapping[UUID, User]) -> None:
    """An account for everybody whom the platform knows; all else about it comes with the first sync."""
    accounts = [
        Account(id=each.syned_user_id, kind=Account.Kind.COACH, coach=coaches[each.syned_user_id])
        for each in world.coaches
    ]
    accounts += [
        Account(id=each.syned_user_id, coach=coaches[each.coach_id], email_used=each.email)
        for each in world.competitors
        if each.status is not None
    ]
    Account.objects.bulk_create(accounts, ignore_conflicts=True)
