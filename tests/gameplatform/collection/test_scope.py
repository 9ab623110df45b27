"""Whose accounts a scheduled job takes."""

import logging

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from coachdash.models import CoachProfile, Organization
from gameplatform.exceptions import NotConfigured, UnknownScope
from gameplatform.models import Account, Snapshot
from jobqueue.registry import registry
from tests.gameplatform.platform import Platform

from .collecting import collect

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(platform: Platform, settings: Settings) -> Organization:
    settings.GAME_PLATFORM["COACHES_OF"] = "coachdash.scopes.coaches_of_organization"
    return Organization.objects.create(name="A school")


def coach_of(school: Organization, name: str) -> User:
    user = User.objects.create(username=name)
    CoachProfile.objects.create(user=user, organization=school)
    return user


def collected() -> set[object]:
    return set(Snapshot.objects.values_list("account_id", flat=True))


def test_a_coachs_collection_takes_that_coachs_students_and_nobody_else(platform: Platform) -> None:
    alice, bob = (User.objects.create(username=name) for name in ("alice", "bob"))
    mine = platform.link(platform.people()[:5], coach_id=alice.pk)
    platform.link(platform.people()[5:9], coach_id=bob.pk)
    platform.link(platform.people()[9:12])

    result = collect(coachId=alice.pk)

    assert collected() == {account.pk for account in mine}
    assert result.accounts == 5


def test_an_organizations_collection_takes_the_students_of_all_its_coaches(
    platform: Platform, school: Organization
) -> None:
    alice, bob = coach_of(school, "alice"), coach_of(school, "bob")
    elsewhere = coach_of(Organization.objects.create(name="Another school"), "charlie")
    ours = platform.link(platform.people()[:3], coach_id=alice.pk)
    ours += platform.link(platform.people()[3:5], coach_id=bob.pk)
    platform.link(platform.people()[5:9], coach_id=elsewhere.pk)
    platform.link(platform.people()[9:12])

    collect(organizationId=school.pk)

    assert collected() == {account.pk for account in ours}


def test_an_organization_and_its_coach_mean_the_coach(platform: Platform, school: Organization) -> None:
    alice, bob = coach_of(school, "alice"), coach_of(school, "bob")
    mine = platform.link(platform.people()[:3], coach_id=alice.pk)
    platform.link(platform.people()[3:5], coach_id=bob.pk)

    collect(organizationId=school.pk, coachId=alice.pk)

    assert collected() == {account.pk for account in mine}


def test_coaches_accounts_are_nobodys_students(platform: Platform) -> None:
    Account.objects.create(kind=Account.Kind.COACH)

    assert collect().accounts == 0


def test_an_unknown_organization_is_named(school: Organization) -> None:
    with pytest.raises(UnknownScope, match=f"There is no organization {school.pk + 1}"):
        collect(organizationId=school.pk + 1)


@pytest.mark.parametrize("coach_id", [999_999, 2**31, 2**63 - 1])
def test_an_unknown_coach_is_named(coach_id: int, platform: Platform) -> None:
    with pytest.raises(UnknownScope, match=f"There is no coach {coach_id}"):
        collect(coachId=coach_id)


def test_a_coach_of_another_organization_is_refused(school: Organization) -> None:
    charlie = coach_of(Organization.objects.create(name="Another school"), "charlie")

    with pytest.raises(UnknownScope, match=f"Coach {charlie.pk} does not belong to organization {school.pk}"):
        collect(organizationId=school.pk, coachId=charlie.pk)


@pytest.mark.parametrize("name", ["data_collection", "scoring", "data_collection_and_scoring"])
def test_no_retry_can_mend_a_wrong_scope(name: str) -> None:
    assert not registry.get(name).retry.is_retryable("UNKNOWN_SCOPE")


def test_a_scope_without_accounts_is_a_success_that_says_so(
    school: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    alice = coach_of(school, "alice")
    empty = Organization.objects.create(name="Nobody yet")
    caplog.set_level(logging.INFO)

    assert collect(organizationId=school.pk, coachId=alice.pk).rows_written == 0
    assert f"of organization {school.pk}, coach {alice.pk}: nothing to do" in caplog.text
    assert collect(organizationId=empty.pk).accounts == 0
    assert f"of organization {empty.pk}: nothing to do" in caplog.text


@pytest.mark.parametrize("name", ["", "coachdash.scopes.nonsense", "nowhere.at_all"])
def test_whoever_can_ask_nobody_about_organizations_is_told_the_setting(
    name: str, platform: Platform, settings: Settings
) -> None:
    settings.GAME_PLATFORM["COACHES_OF"] = name

    with pytest.raises(NotConfigured, match="COACHES_OF"):
        collect(organizationId=1)
