"""The rules of teams: whom a team takes, and what of it stays as it is while it has members."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from coachdash.models.division import Division

if TYPE_CHECKING:
    from coachdash.models.competitor import Competitor
    from coachdash.models.team import Team

MOST_MEMBERS = 6


def check_membership(competitor: "Competitor") -> None:
    """Refuse a team that cannot take the student.

    Two students may ask for the last place at once: whoever saves holds the team's row from before this on.

    Raises:
        ValidationError: at the field `team`, with what would be right.
    """
    team = competitor.team
    if team is None:
        return
    if team.coach_id != competitor.coach_id:
        raise ValidationError({"team": f"{team} is another coach's team: expected one of the student's own coach."})
    if team.division != competitor.division:
        theirs, its = Division(competitor.division).label, Division(team.division).label
        raise ValidationError(
            {"team": f"{team} competes in {its}, the student in {theirs}: expected a team of the same division."}
        )
    if team.members.exclude(pk=competitor.pk).count() >= MOST_MEMBERS:
        raise ValidationError({"team": f"{team} is full: a team has at most {MOST_MEMBERS} members."})


def check_team(team: "Team") -> None:
    """Refuse to move a team away from its members.

    Raises:
        ValidationError: by field, with what would be right.
    """
    members = team.members.all() if not team._state.adding else team.members.none()  # noqa: SLF001  as Django's own do
    problems = {}
    if members.exclude(coach=team.coach_id).exists():
        problems["coach"] = "Its members have another coach: take them out of the team first."
    if members.exclude(division=team.division).exists():
        problems["division"] = "Its members compete in another division: take them out of the team first."
    if problems:
        raise ValidationError(problems)
