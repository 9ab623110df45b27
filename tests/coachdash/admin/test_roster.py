"""The roster in the admin: its rules, its roles, and what the log says of it."""

from typing import Any, cast

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coachdash.models import CoachProfile, Competitor, Organization, Team
from jobqueue.models import AuditEntry
from tests.coachdash import factories
from tests.coachdash.conftest import LogIn
from tests.jobqueue.audited import entries, last_entry

ROSTER = "/admin/coachdash/"


@pytest.fixture
def admin(log_in: LogIn, db: None) -> Client:
    return log_in(factories.member("root", "Admin"))


def team(coach: User, name: str = "Bits", division: str = "high_school", members: int = 0) -> Team:
    row = Team.objects.create(coach=coach, name=name, division=division)
    for n in range(members):
        factories.student(coach, f"Max N{n}", team=row, division=division)
    return row


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200, response.status_code
    found: dict[str, list[str]] = response.context_data["adminform"].form.errors
    return found


def post(client: Client, model: str, row: Any = None, **values: Any) -> Any:
    address = f"{ROSTER}{model}/{row.pk}/change/" if row else f"{ROSTER}{model}/add/"
    return client.post(address, values)


def person(coach: User, **values: Any) -> dict[str, Any]:
    return {"first_name": "Ada", "last_name": "Finch", "coach": coach.pk, "grade": "10", "is_active": "on", **values}


@pytest.mark.parametrize(
    ("grade", "division"), [("6", "middle_school"), ("8", "middle_school"), ("9", "high_school"), ("", "college")]
)
def test_without_a_division_the_grade_says_which(admin: Client, alice: User, grade: str, division: str) -> None:
    post(admin, "competitor", **person(alice, grade=grade, division=""))

    assert Competitor.objects.get().division == division


def test_a_division_that_somebody_chose_wins(admin: Client, alice: User) -> None:
    post(admin, "competitor", **person(alice, grade="8", division="high_school"))

    assert Competitor.objects.get().division == "high_school"


def test_an_impossible_grade_is_told_at_its_field(admin: Client, alice: User) -> None:
    found = errors(post(admin, "competitor", **person(alice, grade="13")))

    assert found["grade"] == ["Expected a grade from 6 to 12, or none for one at a college."]


def test_a_team_of_another_coach_is_refused(admin: Client, alice: User, bob: User) -> None:
    found = errors(post(admin, "competitor", **person(alice, team=team(bob).pk)))

    assert "another coach's team" in found["team"][0]


def test_a_team_of_another_division_is_refused(admin: Client, alice: User) -> None:
    found = errors(post(admin, "competitor", **person(alice, team=team(alice, division="college").pk)))

    assert "expected a team of the same division" in found["team"][0]


def test_a_full_team_is_refused_but_keeps_its_members(admin: Client, alice: User) -> None:
    full = team(alice, members=6)
    found = errors(post(admin, "competitor", **person(alice, team=full.pk)))
    assert found["team"] == ["Bits is full: a team has at most 6 members."]

    member = full.members.first()
    response = post(admin, "competitor", member, **person(alice, team=full.pk, last_name="Renamed"))
    assert response.status_code == 302
    assert full.members.count() == 6


@pytest.mark.parametrize(("field", "value"), [("coach", "bob"), ("division", "college")])
def test_a_team_is_not_moved_away_from_its_members(
    admin: Client, alice: User, bob: User, field: str, value: str
) -> None:
    row = team(alice, members=1)
    values = {"name": "Bits", "coach": alice.pk, "division": "high_school"}
    values[field] = bob.pk if value == "bob" else value

    assert "take them out of the team first" in errors(post(admin, "team", row, **values))[field][0]


def test_a_coach_has_no_two_teams_of_one_name(admin: Client, alice: User, bob: User) -> None:
    team(alice)
    found = errors(post(admin, "team", name="Bits", coach=alice.pk, division="college"))
    assert found["name"] == ["Alice has a team of this name already: expected another one."]

    assert post(admin, "team", name="Bits", coach=bob.pk, division="college").status_code == 302


def test_only_an_empty_team_can_be_deleted(admin: Client, alice: User) -> None:
    full, empty = team(alice, members=1), team(alice, "Empty")

    assert admin.post(f"{ROSTER}team/{full.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.post(f"{ROSTER}team/{empty.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Team.objects.all()) == [full]


def test_an_organization_with_coaches_stays(admin: Client, alice: User) -> None:
    school = Organization.objects.get()
    admin.post(f"{ROSTER}organization/{school.pk}/delete/", {"post": "yes"})

    assert Organization.objects.exists()


def test_a_wrong_time_zone_is_told_with_a_right_one(admin: Client) -> None:
    found = errors(post(admin, "organization", name="School", time_zone="Mars"))

    assert found["time_zone"] == ["Mars is not a time zone: expected a name such as America/Chicago."]


def test_a_coach_with_students_stays_a_coach(admin: Client, alice: User, bob: User) -> None:
    factories.student(alice)
    busy, free = alice.coach_profile, bob.coach_profile

    assert admin.post(f"{ROSTER}coachprofile/{busy.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.post(f"{ROSTER}coachprofile/{free.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(CoachProfile.objects.all()) == [busy]


def test_a_coach_is_not_offered_to_be_made_one_twice(admin: Client, alice: User) -> None:
    response: Any = admin.get(f"{ROSTER}coachprofile/add/")
    offered = response.context_data["adminform"].form.fields["user"].queryset

    assert alice not in offered


def test_opening_a_students_page_is_recorded_by_id_alone(admin: Client, alice: User) -> None:
    student = factories.student(alice, school_email="ada@school.example")
    admin.get(f"{ROSTER}competitor/{student.pk}/change/")

    entry = last_entry()
    assert (entry.action, entry.actor, entry.object_id) == ("COMPETITOR_VIEW", "root", str(student.pk))
    assert "Finch" not in str(vars(entry))
    assert "ada@school" not in str(vars(entry))


def test_looking_at_the_list_or_at_nobody_is_not_recorded(admin: Client, alice: User) -> None:
    factories.student(alice)
    admin.get(f"{ROSTER}competitor/")
    admin.get(f"{ROSTER}competitor/00000000-0000-4000-8000-000000000000/change/")

    assert not AuditEntry.objects.exists()


def test_the_log_says_what_changed_but_not_what_is_private(admin: Client, alice: User) -> None:
    student = factories.student(alice, grade=10)
    row = team(alice)
    post(admin, "competitor", student, **person(alice, last_name="Sparrow", division="high_school", team=row.pk))

    entry = last_entry()
    assert entry.action == "COMPETITOR_EDIT"
    assert entry.before == {"last_name": "(kept out of the log)", "team": None}
    assert entry.after == {"last_name": "(kept out of the log)", "team": str(row.pk)}


def test_creating_and_deleting_are_recorded(admin: Client, alice: User) -> None:
    post(admin, "team", name="Bits", coach=alice.pk, division="college")
    row = Team.objects.get()
    admin.post(f"{ROSTER}team/{row.pk}/delete/", {"post": "yes"})

    made, gone = cast(list[Any], entries())
    assert (made.action, made.object_label, made.after["name"]) == ("TEAM_CREATE", "Bits", "Bits")
    assert (gone.action, gone.object_id, gone.before["name"]) == ("TEAM_DELETE", str(row.pk), "Bits")


def test_saving_what_is_the_same_is_not_recorded(admin: Client, alice: User) -> None:
    row = team(alice)
    post(admin, "team", row, name="Bits", coach=alice.pk, division="high_school", affiliation="")

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("model", ["organization", "coachprofile", "competitor", "team"])
def test_a_manager_edits_but_does_not_delete(log_in: LogIn, alice: User, model: str) -> None:
    manager = log_in(factories.member("max", "Manager"))
    rows = {
        "organization": Organization.objects.get(),
        "coachprofile": alice.coach_profile,
        "competitor": factories.student(alice),
        "team": team(alice),
    }

    assert manager.get(f"{ROSTER}{model}/{rows[model].pk}/change/").status_code == 200
    assert manager.post(f"{ROSTER}{model}/{rows[model].pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", ["organization", "coachprofile", "competitor", "team"])
def test_a_coach_has_no_way_in(log_in: LogIn, alice: User, model: str) -> None:
    assert log_in(alice).get(f"{ROSTER}{model}/").status_code == 302


@pytest.mark.parametrize("model", ["organization", "coachprofile", "competitor", "team"])
def test_a_long_list_takes_as_many_queries_as_a_short_one(
    admin: Client, model: str, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    def grow(number: int) -> None:
        for n in range(number):
            coach = factories.coach(f"coach{number}{n}")
            factories.playing(coach, "Ada Finch")
            team(coach, members=2)

    grow(1)
    with django_assert_max_num_queries(20) as few:
        admin.get(f"{ROSTER}{model}/")
    grow(5)

    with django_assert_num_queries(len(few.captured_queries)):
        admin.get(f"{ROSTER}{model}/")


@pytest.mark.parametrize(
    ("model", "words"),
    [("organization", "alice"), ("coachprofile", "alice"), ("competitor", "finch"), ("team", "bits")],
)
def test_rows_are_found_by_what_people_call_them(admin: Client, alice: User, bob: User, model: str, words: str) -> None:
    factories.student(alice)
    team(alice)
    response: Any = admin.get(f"{ROSTER}{model}/", {"q": words})

    assert len(response.context_data["cl"].result_list) == 1
