"""The job list's filter by a relation to one job, to which that job's page leads."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from jobqueue.admin.jobs.filters import Choices
from jobqueue.admin.jobs.relation import PARAMETER, Relation
from jobqueue.models import Job
from jobqueue.querysets import JobQuerySet

_RELATIONS: dict[Relation, tuple[str, Callable[[JobQuerySet, UUID], JobQuerySet]]] = {
    Relation.DEPENDS_ON: ("What {} depends on", JobQuerySet.parents_of),
    Relation.DEPENDENT: ("What depends on {}", JobQuerySet.dependents_of),
    Relation.CHILD: ("What {} enqueued", JobQuerySet.children_of),
}


class RelationFilter(SimpleListFilter):
    """Offered only where a link has led to it."""

    title = "relation"
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The relation in force."""
        value = self.value()
        if value is None:
            return ()
        kind, job = _read(value)
        label = _RELATIONS[kind][0].format(job.hex[-8:]) if kind and job else "No such relation"
        return ((value, label),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """The relatives; none for what names no relation."""
        value = self.value()
        if value is None:
            return queryset
        kind, job = _read(value)
        if kind is None or job is None:
            return queryset.none()
        return queryset & _RELATIONS[kind][1](Job.objects.all(), job)


def _read(value: str) -> tuple[Relation | None, UUID | None]:
    name, _, text = value.partition(":")
    try:
        kind, job = Relation(name), UUID(text)
    except ValueError:
        return None, None
    return (kind, job) if kind in _RELATIONS else (None, None)
