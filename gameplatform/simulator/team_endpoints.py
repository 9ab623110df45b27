"""The endpoints about teams and who is in which."""

from typing import get_args

from gameplatform.simulator.answers import AssignmentAnswer, AssignmentsAnswer, Result, TeamAnswer
from gameplatform.simulator.people import Division
from gameplatform.simulator.platform import Platform
from gameplatform.simulator.validation import BodyReader
from gameplatform.simulator.wire import Request

_DIVISIONS: tuple[Division, ...] = get_args(Division)


def create_team(platform: Platform, request: Request, now: int) -> Result:
    """POST /teams."""
    reader = BodyReader(request)
    coach_id, team_id = reader.text("syned_coach_user_id"), reader.text("syned_team_id")
    name, affiliation = reader.text("team_name"), reader.text("affiliation")
    division = reader.choice("division", _DIVISIONS)
    reader.check()
    team = platform.create_team(
        syned_team_id=team_id,
        coach_id=coach_id,
        name=name,
        division=division,
        affiliation=affiliation,
        now=now,
    )
    return 201, TeamAnswer(
        metactf_team_id=team.metactf_team_id,
        metactf_coach_id=str(team.metactf_coach_id),
        syned_team_id=team.syned_team_id,
        team_name=team.name,
        division=team.division,
        affiliation=team.affiliation,
    )


def delete_team(platform: Platform, request: Request, _now: int) -> Result:
    """POST /teams/delete."""
    reader = BodyReader(request)
    team_id = reader.text("syned_team_id")
    reader.check()
    platform.delete_team(team_id)
    return 200, {"syned_team_id": team_id}


def assign_team(platform: Platform, request: Request, _now: int) -> Result:
    """POST /users/assign_team."""
    reader = BodyReader(request)
    team_id, user_id = reader.text("syned_team_id"), reader.text("syned_user_id")
    reader.check()
    platform.assign(user_id, team_id)
    return 201, AssignmentAnswer(syned_team_id=team_id, syned_user_id=user_id)


def delete_assignment(platform: Platform, request: Request, _now: int) -> Result:
    """POST /users/delete_assignment; the team is null for a user who was in none."""
    reader = BodyReader(request)
    user_id = reader.text("syned_user_id")
    reader.check()
    return 200, AssignmentAnswer(syned_team_id=platform.unassign(user_id), syned_user_id=user_id)


def get_assignments(platform: Platform, request: Request, _now: int) -> Result:
    """GET /users/get_team_assignments; without a team: every user, also those in no team (null)."""
    wanted = request.query.get("syned_team_id")
    if wanted is None:
        users = (user for user, account in platform.accounts.items() if account.role == "user")
        found = [(user, platform.assignments.get(user)) for user in users]
    else:
        found = [(user, team) for user, team in platform.assignments.items() if team == wanted]
    rows = [AssignmentAnswer(syned_team_id=team, syned_user_id=user) for user, team in found]
    return 200, AssignmentsAnswer(assignments=rows, total_count=len(rows))
