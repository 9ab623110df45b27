"""The filters of the schedule list. Their choices come from the code and from the project's scopes, capped."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.admin import SimpleListFilter
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from jobqueue.admin.jobs.filters import TaskTypeFilter
from jobqueue.admin.schedules.scope_names import labels_of
from jobqueue.models import Alert, Schedule
from jobqueue.registry import registry
from jobqueue.scopes import Scope, scopes

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

type Choices = Iterable[tuple[str, str]]

MOST_CHOICES = 50
_LARGEST_KEY = 2**63 - 1


def late(now: datetime) -> Q:
    """Has not fired within its grace."""
    # The first two conditions are the index's: what is due is little, whatever the number of schedules.
    return Q(is_active=True, next_run_at__lte=now) & Q(next_run_at__lt=now - F("grace"))


class StateFilter(SimpleListFilter):
    """Switched on or off, or in trouble."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The states."""
        return [("active", "Active"), ("inactive", "Inactive"), ("late", "Late"), ("alert", "With an open alert")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> QuerySet[Schedule]:
        """The schedules in that state; none for an unknown word."""
        match self.value():
            case None:
                return queryset
            case "active":
                return queryset.filter(is_active=True)
            case "inactive":
                return queryset.filter(is_active=False)
            case "late":
                return queryset.filter(late(timezone.now()))
            case "alert":
                return queryset.filter(pk__in=Alert.objects.filter(cleared_at=None).values("schedule"))
            case _:
                return queryset.none()


class ScopeFilter(SimpleListFilter):
    """By one kind of scope, such as the coach; see `scope_filters`."""

    scope: Scope

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The first so many, and the chosen one."""
        some = {one.pk: self.scope.label_of(one) for one in self.scope.choices()[:MOST_CHOICES]}
        chosen = self._key()
        if chosen is not None and chosen not in some:
            some |= labels_of(self.scope, {chosen})
        return [(str(key), label) for key, label in some.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> QuerySet[Schedule]:
        """The schedules of that one; none for what is no id."""
        if self.value() is None:
            return queryset
        key = self._key()
        if key is None:
            return queryset.none()
        # The index leaves out the schedules for everybody, and is used only by who does, too.
        return queryset.filter(scope__contains={self.scope.name: key}).exclude(scope={})

    def _key(self) -> int | None:
        text = self.value() or ""
        key = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
        return key if key is not None and key <= _LARGEST_KEY else None


def scope_filters() -> list[type[ScopeFilter]]:
    """One filter for each kind of scope that the project has."""
    return [
        type(
            f"{scope.name.title()}Filter",
            (ScopeFilter,),
            {"scope": scope, "title": scope.label.lower(), "parameter_name": scope.name},
        )
        for scope in scopes()
    ]


def list_filters() -> list[type[SimpleListFilter]]:
    """All of them."""
    return [StateFilter, TaskTypeFilter, *scope_filters()]


def search(schedules: QuerySet[Schedule], text: str) -> QuerySet[Schedule]:
    """The schedules whose name or task type, or the task type's label, has the text in it."""
    folded = text.casefold()
    types = [task_type.name for task_type in registry if folded in task_type.label.casefold()]
    return schedules.filter(Q(name__icontains=text) | Q(task_type__icontains=text) | Q(task_type__in=types))
