"""Scheduling data collection and scoring for one organization and coach, with the admin's form."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coachdash.models import CoachProfile, Organization
from jobqueue.models import Schedule
from tests.jobqueue.admin.schedules.filling_in import SCHEDULES, Data, errors, filled_in

ADD = f"{SCHEDULES}add/"


@pytest.fixture
def admin(db: None) -> Client:
    """Somebody who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def alice(db: None) -> User:
    """A coach of South High."""
    user = User.objects.create_user("alice", first_name="Alice", last_name="Ames")
    CoachProfile.objects.create(user=user, organization=Organization.objects.create(name="South High"))
    return user


def for_coach(client: Client, coach: User, organization: Organization) -> Data:
    """The form as it is posted for that coach and organization, with two collectors."""
    shown = filled_in(client.get(ADD, {"task_type": "data_collection_and_scoring", "expression": "0 5 * * *"}))
    assert shown["payload-collectors"] == ["solves", "events", "profiles", "teams"]
    chosen: Data = {
        "name": "collect for Alice",
        "scope-coach": str(coach.pk),
        "scope-organization": str(organization.pk),
    }
    return {**shown, **chosen, "payload-collectors": ["solves", "teams"], "payload-solveLimit": "50"}


def test_a_schedule_for_one_coach_has_the_chosen_collectors(admin: Client, alice: User) -> None:
    organization = Organization.objects.get()
    response = admin.post(ADD, for_coach(admin, alice, organization))
    assert response.status_code == 302, errors(response)
    schedule = Schedule.objects.get(name="collect for Alice")
    assert schedule.scope == {"organization": organization.pk, "coach": alice.pk}
    assert schedule.payload == {"collectors": ["solves", "teams"], "solveLimit": 50}


def test_a_coach_of_another_organization_is_refused_by_name(admin: Client, alice: User) -> None:
    other = Organization.objects.create(name="North High")
    response = admin.post(ADD, for_coach(admin, alice, other))
    assert errors(response)["scope"] == "Alice Ames does not belong to North High."
    assert not Schedule.objects.filter(name="collect for Alice").exists()


def test_no_collector_at_all_is_refused_at_its_field(admin: Client, alice: User) -> None:
    data = for_coach(admin, alice, Organization.objects.get())
    del data["payload-collectors"]
    response = admin.post(ADD, data)
    assert "Collectors: Choose at least one." in errors(response)["payload"]
