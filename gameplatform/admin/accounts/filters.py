"""The filters of the account list."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.admin import SimpleListFilter
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from gameplatform.models import Account

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

type Choices = Iterable[tuple[str, str]]

MOST_COACHES = 50
_FAILING = Q(sync_state__consecutive_failures__gt=0)
_NEVER = Q(sync_state__isnull=True) | Q(sync_state__last_attempt_at__isnull=True)
_BY_SYNC = {
    "failing": ("With an error", _FAILING),
    "never": ("Not synced yet", _NEVER),
    "totals": ("Totals are behind", Q(sync_state__needs_totals_refresh=True)),
    "differs": ("Totals differ from the platform's", Q(stats__differs=True)),
    "fine": ("Without an error", ~_NEVER & Q(sync_state__consecutive_failures=0)),
}


class SyncFilter(SimpleListFilter):
    """By how its sync goes."""

    title = "sync"
    parameter_name = "sync"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The ways."""
        return [(value, label) for value, (label, _) in _BY_SYNC.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        """The accounts of that kind; none for an unknown word."""
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(_BY_SYNC[value][1]) if value in _BY_SYNC else queryset.none()


class StatusFilter(SimpleListFilter):
    """By what the platform says of it."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The platform's words, and that it has none."""
        known = [(value, label) for value, label in Account.Status.choices if value]
        return [*known, ("unknown", "Unknown"), ("missing", Account.LinkState.MISSING.label)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        """The accounts of that status."""
        match self.value():
            case None:
                return queryset
            case "missing":
                return queryset.filter(link_state=Account.LinkState.MISSING)
            case "unknown":
                return queryset.filter(status=Account.Status.UNKNOWN)
            case status:
                return queryset.filter(status=status)


class CoachFilter(SimpleListFilter):
    """By whose students they are: the first so many coaches, and the chosen one."""

    title = "coach"
    parameter_name = "coach"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """Coaches that have an account to look after, by user name."""
        users = get_user_model().objects.filter(Exists(Account.objects.filter(coach=OuterRef("pk"))))
        some = {user.pk: _name(user) for user in users.order_by(get_user_model().USERNAME_FIELD)[:MOST_COACHES]}
        chosen = self._key()
        if chosen is not None and chosen not in some:
            some |= {user.pk: _name(user) for user in get_user_model().objects.filter(pk=chosen)}
        return [(str(key), name) for key, name in some.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        """That coach's accounts; none for what is no id."""
        if self.value() is None:
            return queryset
        key = self._key()
        return queryset.none() if key is None else queryset.filter(coach=key)

    def _key(self) -> int | None:
        text = self.value() or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _name(user: Any) -> str:
    return str(user.get_full_name() or user.get_username())
