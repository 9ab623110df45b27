"""Whose work an organization's is."""

import pytest
from django.contrib.auth.models import User

from coachdash.models import CoachProfile, Organization
from coachdash.scopes import coaches_of_organization
from gameplatform.conf import conf
from gameplatform.scope import Scope, accounts_in
from tests.coachdash import factories


def test_an_organization_has_its_coaches_and_nobody_elses(alice: User, bob: User) -> None:
    school = alice.coach_profile.organization
    charlie = User.objects.create_user("charlie")
    CoachProfile.objects.create(user=charlie, organization=school)
    assert set(coaches_of_organization(school.pk) or ()) == {alice.pk, charlie.pk}


@pytest.mark.django_db
def test_one_without_coaches_is_told_from_one_that_does_not_exist() -> None:
    empty = Organization.objects.create(name="Nobody yet")
    assert coaches_of_organization(empty.pk) == []
    assert coaches_of_organization(empty.pk + 1) is None


def test_the_settings_let_the_platform_ask(alice: User, bob: User) -> None:
    ada = factories.account(factories.student(alice))
    factories.account(factories.student(bob, "Ivo Moss"))
    assert conf().COACHES_OF == "coachdash.scopes.coaches_of_organization"
    assert list(accounts_in(Scope(organization_id=alice.coach_profile.organization_id))) == [ada]
