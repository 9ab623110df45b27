"""The list of the log: pages by number of what `query` finds."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from jobqueue.admin.audit.query import NAMES, AuditQuery, read
from jobqueue.admin.keyset import KeyChangeList


class AuditChangeList(KeyChangeList):
    """Its own words are no filters of Django's."""

    asked: AuditQuery

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Without them."""
        return {name: value for name, value in super().get_filters_params(params).items() if name not in NAMES}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """What is asked for."""
        self.asked = read(request.GET)
        found = super().get_queryset(request, exclude_parameters)
        return found.none() if self.asked.problem else found.filter(self.asked.conditions)
