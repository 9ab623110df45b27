"""Choosing and filtering by coach, the same on every screen of the roster."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.admin import SimpleListFilter
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _CoachField = ModelChoiceField[User]
else:
    _CoachField = ModelChoiceField

MOST_COACHES = 50


def coaches() -> QuerySet[User]:
    """Every coach, by name."""
    return User.objects.filter(coach_profile__isnull=False).order_by("last_name", "first_name", "username")


def name_of(coach: User) -> str:
    """What people call the coach."""
    return coach.get_full_name() or coach.username


class CoachField(_CoachField):
    """A coach, by name."""

    def label_from_instance(self, obj: User) -> str:
        """The name, and the user name."""
        return f"{name_of(obj)} ({obj.username})"


class CoachFilter(SimpleListFilter):
    """By coach: the first so many, and the chosen one."""

    title = "coach"
    parameter_name = "coach"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Iterable[tuple[str, str]]:
        """By name."""
        some = {coach.pk: name_of(coach) for coach in coaches()[:MOST_COACHES]}
        chosen = self._key()
        if chosen is not None and chosen not in some:
            some |= {coach.pk: name_of(coach) for coach in coaches().filter(pk=chosen)}
        return [(str(key), name) for key, name in some.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of that coach; none for what is no id."""
        if self.value() is None:
            return queryset
        key = self._key()
        return queryset.none() if key is None else queryset.filter(coach=key)

    def _key(self) -> int | None:
        text = self.value() or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
