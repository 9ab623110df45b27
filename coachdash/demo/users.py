"""The demo's users and organizations."""

from collections.abc import Sequence

from django.contrib.auth.models import Group, User

from coachdash.demo.logins import Login
from coachdash.models import CoachProfile, Organization
from gameplatform.simulator.people import Coach

_PLACES = (("Midwest", "America/Chicago"), ("Northeast", "America/New_York"))


def load_users(logins: Sequence[Login]) -> dict[str, User]:
    """A user per log-in, by username: with its group, its password, and access to the admin where due."""
    return {login.username: _user(login) for login in logins}


def load_coach(user: User, coach: Coach) -> None:
    """Make a user the coach of a school of the simulated world."""
    region, zone = _PLACES[coach.index % len(_PLACES)]
    organization, _ = Organization.objects.get_or_create(
        name=coach.school, defaults={"region": region, "time_zone": zone}
    )
    CoachProfile.objects.get_or_create(user=user, defaults={"organization": organization})
    if not user.last_name:
        user.last_name = coach.last_name
        user.save(update_fields=["last_name"])


def _user(login: Login) -> User:
    is_admin = login.group == "Admin"
    user, _ = User.objects.get_or_create(
        username=login.username,
        defaults={
            "first_name": login.username.capitalize(),
            "email": f"{login.username}@example.org",
            "is_staff": login.group != "Coach",
            "is_superuser": is_admin,
        },
    )
    if user.password != login.encoded:
        user.password = login.encoded
        user.save(update_fields=["password"])
    user.groups.add(Group.objects.get(name=login.group))
    return user
