"""The rows of the student table and their orders."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from coachdash import access
from coachdash.models import Team
from coachdash.statistics import students
from coachdash.statistics.sorting import Sort, parse_sort
from coachdash.statistics.students import Student, student_page
from gameplatform.models import Account, SyncState
from tests.coachdash import factories


def rows(coach: User, sort: str = "name") -> list[Student]:
    return list(student_page(access.competitors(coach), parse_sort(sort), "1").rows)


def names(coach: User, sort: str) -> str:
    return " ".join(row.name.split()[0] for row in rows(coach, sort))


def test_students_stand_by_last_name_unless_asked_otherwise(alice: User) -> None:
    for name in ("Ada Reed", "Ivo Finch", "Uma Reed"):
        factories.student(alice, name)
    assert names(alice, "name") == names(alice, "nonsense") == names(alice, "") == "Ivo Ada Uma"
    assert names(alice, "-name") == "Uma Ada Ivo"


def test_figures_sort_both_ways_with_those_who_have_none_last(alice: User) -> None:
    factories.playing(alice, "Ada Finch", 100, 100)
    factories.playing(alice, "Ivo Moss", 900)
    factories.student(alice, "Uma Alder")
    assert names(alice, "-points") == "Ivo Ada Uma"
    assert names(alice, "points") == "Ada Ivo Uma"
    assert names(alice, "-challenges") == "Ada Ivo Uma"


@pytest.mark.parametrize("column", ["coach", "team", "platform", "practice", "ctf", "active", "solved"])
def test_every_column_can_be_sorted_by(column: str, alice: User) -> None:
    factories.playing(alice, "Ada Finch", 100)
    factories.student(alice, "Uma Alder")
    assert len(rows(alice, column)) == len(rows(alice, f"-{column}")) == 2


def test_by_platform_those_who_need_the_coach_come_first(alice: User) -> None:
    factories.playing(alice, "Ada Finch")
    factories.account(factories.student(alice, "Ivo Moss"), "pending_approval")
    factories.student(alice, "Uma Alder")
    factories.account(factories.student(alice, "Noor Reed"), "denied")
    assert names(alice, "platform") == "Noor Uma Ivo Ada"


def test_a_click_on_a_new_figure_shows_the_most_first_and_on_a_new_word_the_first() -> None:
    assert str(Sort().by("points")) == "-points"
    assert str(Sort(column="points", descending=True).by("points")) == "points"
    assert str(Sort(column="points").by("team")) == "team"


def test_a_row_says_what_the_student_solved_last(alice: User) -> None:
    account = factories.playing(alice, "Ada Finch", 100)
    later = factories.NOW + timedelta(minutes=5)
    factories.solve(account, 200, at=later, title="Salted Hash")
    (row,) = rows(alice)
    assert (row.last_solve, row.last_solve_at, row.last_active) == ("Salted Hash", later, later)


def test_somebody_who_solved_nothing_has_zeros_once_synced_and_nothing_before(alice: User) -> None:
    account = factories.account(factories.student(alice))
    (synced,) = rows(alice)
    assert synced.figures is not None
    assert (synced.figures.points, synced.figures.as_of) == (0, factories.NOW)
    SyncState.objects.filter(account=account).update(last_success_at=None)
    assert rows(alice)[0].figures is None


def test_figures_that_are_still_to_be_added_up_are_not_zeros(alice: User) -> None:
    account = factories.account(factories.student(alice))
    SyncState.objects.filter(account=account).update(needs_totals_refresh=True)
    assert rows(alice)[0].figures is None


@pytest.mark.parametrize(
    ("link", "status", "label"),
    [
        ("linked", "approved", "On platform"),
        ("linked", "user_created", "Invited"),
        ("linked", "pending_approval", "Awaiting approval"),
        ("linked", "denied", "Denied"),
        ("unknown", "", "Not checked yet"),
        ("missing", "approved", "Not on platform"),
    ],
)
def test_the_platforms_word_is_said_in_ours(link: str, status: str, label: str, alice: User) -> None:
    competitor = factories.student(alice)
    Account.objects.create(id=competitor.pk, coach=alice, link_state=link, status=status)
    assert rows(alice)[0].platform.label == label


def test_a_student_whose_sync_fails_is_marked_and_keeps_the_last_figures(alice: User) -> None:
    account = factories.playing(alice, "Ada Finch", 300)
    SyncState.objects.filter(account=account).update(consecutive_failures=1, error_code="TIMEOUT")
    (row,) = rows(alice)
    assert row.platform.label == "Sync failing"
    assert row.figures is not None
    assert row.figures.points == 300


def test_a_row_names_team_and_division(alice: User) -> None:
    team = Team.objects.create(coach=alice, name="Root Cause", division="college")
    factories.student(alice, team=team, division="college")
    (row,) = rows(alice)
    assert (row.team, row.division, row.coach) == ("Root Cause", "College", "Alice")


def test_many_students_come_in_pages(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(students, "PAGE_SIZE", 2)
    for nth in range(5):
        factories.student(alice, f"Ada Finch{nth}")
    competitors = access.competitors(alice)
    page = student_page(competitors, Sort(), "2")
    assert [row.name for row in page.rows] == ["Ada Finch2", "Ada Finch3"]
    assert (page.number, page.pages, page.total, page.previous, page.next) == (2, 3, 5, 1, 3)
    assert student_page(competitors, Sort(), "99").number == 3
    assert student_page(competitors, Sort(), "nonsense").number == 1
