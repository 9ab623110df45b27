"""Whom work can be limited to: an organization, or one of its coaches."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import QuerySet

from coachdash.models import CoachProfile, Organization
from jobqueue.api import Scope


def coaches_of_organization(organization_id: int) -> Collection[int] | None:
    """The user ids of an organization's coaches, perhaps none; None if there is no such organization."""
    coaches = list(CoachProfile.objects.filter(organization_id=organization_id).values_list("user_id", flat=True))
    if not coaches and not Organization.objects.filter(pk=organization_id).exists():
        return None
    return coaches


def _coaches() -> QuerySet[User]:
    coaches = User.objects.filter(coach_profile__isnull=False).select_related("coach_profile__organization")
    return coaches.order_by("first_name", "last_name", "pk")


def _name(coach: User) -> str:
    return coach.get_full_name() or coach.username


def _organization_of(coach: User) -> dict[str, int]:
    return {"organization": coach.coach_profile.organization_id}


SCOPES = [
    Scope(name="organization", label="Organization", choices=Organization.objects.all, api_field="brand_id"),
    Scope(
        name="coach",
        label="Coach",
        choices=_coaches,
        label_of=_name,
        within=_organization_of,
        api_field="customer_id",
    ),
]
"""For the form of schedules, and for the API, whose callers say brand and customer."""
