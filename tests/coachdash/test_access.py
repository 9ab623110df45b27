"""Who may see whose students."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import Http404

from coachdash import access

from . import factories


def test_a_coach_sees_their_own_students_and_no_others(alice: User, bob: User) -> None:
    ada = factories.student(alice, "Ada Finch")
    factories.student(bob, "Ivo Moss")
    assert list(access.competitors(alice)) == [ada]


def test_a_student_who_left_is_seen_no_more(alice: User) -> None:
    factories.student(alice, is_active=False)
    assert not access.competitors(alice).exists()


@pytest.mark.parametrize("group", ["Admin", "Manager"])
def test_admins_and_managers_see_the_students_of_every_coach(group: str, alice: User, bob: User) -> None:
    students = {factories.student(alice, "Ada Finch"), factories.student(bob, "Ivo Moss")}
    assert set(access.competitors(factories.member("charlie", group))) == students


def test_a_superuser_sees_every_coach_without_being_in_a_group(alice: User, django_user_model: type[User]) -> None:
    root = django_user_model.objects.create_superuser("root")
    assert access.sees_every_coach(root)
    assert list(access.coaches(root)) == [alice]


def test_the_group_coach_opens_nobody_elses_students(alice: User, bob: User) -> None:
    charlie = factories.member("charlie", "Coach")
    factories.student(bob)
    assert not access.sees_every_coach(charlie)
    assert not access.competitors(charlie).exists()


def test_another_coach_does_not_exist_for_a_coach(alice: User, bob: User) -> None:
    assert access.coach(alice, alice.pk) == alice
    with pytest.raises(Http404):
        access.coach(alice, bob.pk)


def test_who_coaches_nobody_is_no_coach(manager: User) -> None:
    with pytest.raises(Http404):
        access.coach(manager, manager.pk)


def test_nobody_sees_nothing() -> None:
    assert not AnonymousUser().has_perm("coachdash.see_every_competitor")
