"""The roster: deterministic, complete in its kinds, and sized as asked."""

from collections import Counter

import pytest

from gameplatform.simulator.people import TEAM_SIZE
from gameplatform.simulator.world import World


def test_two_worlds_of_one_seed_are_equal() -> None:
    first, second = World(seed=7, competitors=50, coaches=3), World(seed=7, competitors=50, coaches=3)

    assert first.coaches == second.coaches
    assert first.competitors == second.competitors
    assert first.teams == second.teams


def test_another_seed_is_another_world() -> None:
    first, second = World(seed=1), World(seed=2)

    ids = {person.syned_user_id for person in first.competitors}
    assert ids.isdisjoint(person.syned_user_id for person in second.competitors)
    assert [team.syned_team_id for team in first.teams] != [team.syned_team_id for team in second.teams]


def test_the_ids_stay_what_they_are_from_release_to_release() -> None:
    world = World(seed=1)

    assert str(world.coaches[0].syned_user_id) == "ef7c5a4a-0c27-5fd9-b410-65ada45af168"
    assert str(world.competitors[0].syned_user_id) == "1f6d4840-3a36-5cee-b9b3-6eb98f1bebf2"


def test_a_larger_world_begins_with_the_same_people() -> None:
    assert World(competitors=100).competitors[:60] == World(competitors=60).competitors


def test_the_smallest_world_has_every_status() -> None:
    statuses = {person.status for person in World(competitors=20).competitors}

    assert statuses == {"approved", "user_created", "pending_approval", "denied", None}


def test_every_division_occurs_in_the_demo_world() -> None:
    divisions = {person.division for person in World().competitors}

    assert divisions == {"high_school", "middle_school", "college"}


@pytest.mark.parametrize(("competitors", "coaches"), [(20, 2), (60, 2), (500, 7)])
def test_a_team_has_at_most_six_members_of_one_coach_and_division(competitors: int, coaches: int) -> None:
    world = World(competitors=competitors, coaches=coaches)
    people = {person.syned_user_id: person for person in world.competitors}

    for team in world.teams:
        members = [people[member] for member in team.member_ids]
        assert 1 <= len(members) <= TEAM_SIZE
        assert {member.division for member in members} == {team.division}
        assert {member.coach_id for member in members} == {team.coach_id}
        assert {member.team_id for member in members} == {team.syned_team_id}


def test_the_demo_world_has_ten_teams_and_somebody_without_one() -> None:
    world = World()

    assert len(world.teams) == 10
    assert any(person.team_id is None for person in world.competitors)


def test_team_names_are_unique_for_each_coach() -> None:
    world = World(competitors=1000, coaches=3)

    names = Counter((team.coach_id, team.name) for team in world.teams)
    assert max(names.values()) == 1


def test_email_addresses_are_unique_and_nobody_real_can_have_one() -> None:
    world = World(competitors=3000, coaches=10)

    emails = [coach.email for coach in world.coaches] + [person.email for person in world.competitors]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(".example.org") and email.isascii() for email in emails)


def test_grades_fit_the_division() -> None:
    grades: dict[str, set[int | None]] = {"middle_school": {6, 7, 8}, "high_school": {9, 10, 11, 12}, "college": {None}}

    assert all(person.grade in grades[person.division] for person in World(competitors=300).competitors)


def test_fifty_thousand_competitors_can_be_drawn() -> None:
    world = World(competitors=50_000, coaches=500)

    assert len({person.syned_user_id for person in world.competitors}) == 50_000
    assert {person.coach_id for person in world.competitors} == {coach.syned_user_id for coach in world.coaches}


@pytest.mark.parametrize(("competitors", "coaches"), [(0, 2), (60, 0)])
def test_an_empty_world_is_refused(competitors: int, coaches: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        World(competitors=competitors, coaches=coaches)
