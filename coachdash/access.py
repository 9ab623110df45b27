"""Who may see whose students: every query of the pages starts here, and what it leaves out is a 404."""

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from coachdash.models import Competitor


def sees_every_coach(user: User) -> bool:
    """Whether this user sees the students of all coaches; anybody else sees their own."""
    return user.has_perm("coachdash.see_every_competitor")


def coaches(user: User) -> QuerySet[User]:
    """The coaches whose students this user may see, by name."""
    everyone = User.objects.filter(coach_profile__isnull=False).order_by("first_name", "last_name", "id")
    return everyone if sees_every_coach(user) else everyone.filter(pk=user.pk)


def coach(user: User, coach_id: int) -> User:
    """One of `coaches`.

    Raises:
        Http404: no coach, or not this user's to see.
    """
    return get_object_or_404(coaches(user), pk=coach_id)


def competitors(user: User) -> QuerySet[Competitor]:
    """The active students whom this user may see."""
    active = Competitor.objects.filter(is_active=True)
    return active if sees_every_coach(user) else active.filter(coach=user)
