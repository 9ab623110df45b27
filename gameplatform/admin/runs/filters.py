"""The filters of the list of runs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from gameplatform.models import SyncRun

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

_BY_OUTCOME = {
    "running": ("Running", Q(finished_at=None, error="")),
    "failures": ("With failures", Q(failed__gt=0)),
    "stopped": ("Stopped by an error", ~Q(error="")),
    "news": ("With new solves", Q(solves_added__gt=0)),
}


class OutcomeFilter(SimpleListFilter):
    """By how it went."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Iterable[tuple[str, str]]:
        """The ways."""
        return [(value, label) for value, (label, _) in _BY_OUTCOME.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
        """The runs of that kind; none for an unknown word."""
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(_BY_OUTCOME[value][1]) if value in _BY_OUTCOME else queryset.none()
