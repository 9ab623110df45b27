"""What lists of jobs and of schedules can be filtered by, from the code and from small tables, never from the jobs."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import F, Func, QuerySet, TextField
from django.http import HttpRequest

from jobqueue.models import Job, Pause, Schedule, Worker
from jobqueue.models.pause import PauseScope
from jobqueue.registry import registry

type Choices = Iterable[tuple[str, str]]


class TaskTypeFilter(SimpleListFilter):
    """By task type, as the registry knows them."""

    title = "task type"
    parameter_name = "task_type"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The registered task types."""
        return [(task_type.name, task_type.label) for task_type in registry]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """The jobs of that type."""
        value = self.value()
        return queryset if value is None else queryset.filter(task_type=storable(value))


def storable(text: str) -> str:
    """The text as PostgreSQL can compare it; one with a NUL equals nothing that is stored."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def known_queues() -> list[str]:
    """Every queue that something names, in one query."""
    listened_to = Worker.objects.order_by().values_list(
        Func(F("queues"), function="unnest", output_field=TextField()), flat=True
    )
    paused = Pause.objects.filter(scope=PauseScope.QUEUE).order_by().values_list("name", flat=True)
    fed = Schedule.objects.order_by().values_list("queue", flat=True)
    return sorted({"default", *fed.union(paused, listened_to).order_by()})
