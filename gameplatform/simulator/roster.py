"""Draws coaches, competitors and teams from the seed; world.py hands them out."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from gameplatform.simulator import names
from gameplatform.simulator.draw import identifier, number
from gameplatform.simulator.people import TEAM_SIZE, Coach, Competitor, Division, Status, Team

# Dealt in rounds of twenty, so that even the smallest world has every kind.
STATUSES: tuple[Status | None, ...] = (
    "approved", "approved", "user_created", "approved", "approved", "approved", None,
    "approved", "approved", "pending_approval", "approved", "approved", "approved", "denied",
    "approved", "user_created", "approved", "approved", None, "approved",
)  # fmt: skip
_DIVISIONS: tuple[Division, ...] = ("high_school", "middle_school", "high_school", "college", "high_school")
_GRADES: dict[Division, tuple[int | None, ...]] = {
    "middle_school": (6, 7, 8),
    "high_school": (9, 10, 11, 12),
    "college": (None,),
}


def status_slot(seed: int, index: int) -> int:
    """Where competitor `index` stands in the round of STATUSES; the shift mixes coaches and kinds."""
    return (index + index // len(STATUSES) * 7 + seed) % len(STATUSES)


def draw_coach(seed: int, index: int) -> Coach:
    """Coach number `index`; every fifth is created on the platform but not approved yet."""
    drawn = number(seed, "coach", index)
    school = names.SCHOOLS[(seed + index) % len(names.SCHOOLS)]
    first, last = _name(drawn)
    return Coach(
        index=index,
        syned_user_id=identifier(seed, "coach", index),
        first_name=first,
        last_name=last,
        email=_email(first, last, f"coach{index}", school),
        school=school,
        status="user_created" if index % 5 == 4 else "approved",
    )


def draw_competitor(seed: int, index: int, coaches: Sequence[Coach]) -> Competitor:
    """Competitor number `index`; coaches take turns, and each six of a coach's share a division."""
    coach = coaches[index % len(coaches)]
    group, seat = divmod(index // len(coaches), TEAM_SIZE)
    drawn = number(seed, "competitor", index)
    first, last = _name(drawn)
    division = _DIVISIONS[(coach.index + group) % len(_DIVISIONS)]
    grades = _GRADES[division]
    loner = seat == TEAM_SIZE - 1 and group % 2 == 1
    return Competitor(
        index=index,
        syned_user_id=identifier(seed, "competitor", index),
        first_name=first,
        last_name=last,
        email=_email(first, last, str(index), coach.school),
        coach_id=coach.syned_user_id,
        team_id=None if loner else identifier(seed, "team", coach.index, group),
        division=division,
        grade=grades[drawn % len(grades)],
        school=coach.school,
        status=STATUSES[status_slot(seed, index)],
    )


def form_teams(coaches: Sequence[Coach], competitors: Sequence[Competitor]) -> tuple[Team, ...]:
    """The teams that the competitors name, in order; one in ten is not on the platform yet."""
    members: dict[UUID, list[Competitor]] = defaultdict(list)
    for competitor in competitors:
        if competitor.team_id is not None:
            members[competitor.team_id].append(competitor)
    by_id = {coach.syned_user_id: coach for coach in coaches}
    counts: dict[UUID, int] = defaultdict(int)
    teams = []
    for index, (team_id, people) in enumerate(members.items()):
        coach = by_id[people[0].coach_id]
        teams.append(_team(index, team_id, people, coach, counts[coach.syned_user_id]))
        counts[coach.syned_user_id] += 1
    return tuple(teams)


def _team(index: int, team_id: UUID, people: Sequence[Competitor], coach: Coach, place: int) -> Team:
    turn, name = divmod(place, len(names.TEAMS))
    return Team(
        index=index,
        syned_team_id=team_id,
        name=names.TEAMS[name] + (f" {turn + 1}" if turn else ""),
        coach_id=coach.syned_user_id,
        division=people[0].division,
        affiliation=coach.school,
        member_ids=tuple(person.syned_user_id for person in people),
        on_platform=index % 10 != 9,
    )


def _name(drawn: int) -> tuple[str, str]:
    first, rest = drawn % len(names.FIRST_NAMES), drawn // len(names.FIRST_NAMES)
    return names.FIRST_NAMES[first], names.LAST_NAMES[rest % len(names.LAST_NAMES)]


def _email(first: str, last: str, mark: str, school: str) -> str:
    return f"{first}.{last}.{mark}@{school.split()[0]}.example.org".lower()
