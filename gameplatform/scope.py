"""Whose accounts a scheduled job is about: everybody's, one organization's, or one coach's."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string

from gameplatform.conf import conf
from gameplatform.exceptions import NotConfigured, UnknownScope
from gameplatform.models import Account
from gameplatform.querysets import AccountQuerySet

type CoachesOf = Callable[[int], Collection[int] | None]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Nothing given means everybody; with both, the coach must be one of the organization's."""

    organization_id: int | None = None
    coach_id: int | None = None

    def __str__(self) -> str:
        named = {"organization": self.organization_id, "coach": self.coach_id}
        return ", ".join(f"{name} {key}" for name, key in named.items() if key is not None) or "all coaches"


def accounts_in(scope: Scope) -> AccountQuerySet:
    """The competitors' accounts in this scope; perhaps none.

    Raises:
        UnknownScope: there is no such organization or coach, or they do not belong together.
        NotConfigured: nothing tells which coaches an organization has.
    """
    coach_id, organization_id = scope.coach_id, scope.organization_id
    if coach_id is not None and not get_user_model().objects.filter(pk=coach_id).exists():
        raise UnknownScope(f"There is no coach {coach_id}: expected the id of a user.")
    if organization_id is None:
        return Account.objects.competitors(coach_id)
    coaches = _coaches_of(organization_id)
    if coach_id is None:
        return Account.objects.competitors().of_coaches(coaches)
    if coach_id not in coaches:
        raise UnknownScope(f"Coach {coach_id} does not belong to organization {organization_id}.")
    return Account.objects.competitors(coach_id)


def _coaches_of(organization_id: int) -> Collection[int]:
    name = conf().COACHES_OF
    if not name:
        raise NotConfigured(
            'Nothing tells the coaches of an organization: set GAME_PLATFORM["COACHES_OF"] to the dotted name of a '
            "function from its id to theirs, or give no organization."
        )
    try:
        coaches_of: CoachesOf = import_string(name)
    except ImportError as error:
        raise NotConfigured(f'GAME_PLATFORM["COACHES_OF"] is {name!r}, which cannot be imported: {error}.') from error
    coaches = coaches_of(organization_id)
    if coaches is None:
        raise UnknownScope(f"There is no organization {organization_id}.")
    return coaches
