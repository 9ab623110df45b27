"""The job list's filters. Their choices come from the code and from small tables, never from the jobs."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import F, Func, QuerySet, TextField
from django.http import HttpRequest
from django.utils import timezone

from jobqueue.models import Job, Pause, Schedule, Worker
from jobqueue.models.pause import PauseScope
from jobqueue.registry import registry
from jobqueue.states import Status, parse_status

type Choices = Iterable[tuple[str, str]]


class StatusFilter(SimpleListFilter):
    """By state; older names count too."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """All states."""
        return Status.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """The jobs in that state; none for an unknown word."""
        value = self.value()
        if value is None:
            return queryset
        try:
            return queryset.filter(status=parse_status(value))
        except ValueError:
            return queryset.none()


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


class QueueFilter(SimpleListFilter):
    """By queue, as schedules, workers and pauses name them."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The known queues."""
        return [(name, name) for name in known_queues()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """The jobs in that queue."""
        value = self.value()
        return queryset if value is None else queryset.filter(queue=storable(value))


class CreatedFilter(SimpleListFilter):
    """By age. An id begins with its time, so the primary key answers this."""

    title = "created"
    parameter_name = "created"
    _spans = {
        "hour": ("In the last hour", lambda now: now - timedelta(hours=1)),
        "today": ("Today", lambda now: timezone.localtime(now).replace(hour=0, minute=0, second=0)),
        "week": ("In the last 7 days", lambda now: now - timedelta(days=7)),
    }

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The spans."""
        return [(name, label) for name, (label, _) in self._spans.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """The jobs made since then."""
        since = self.since()
        return queryset.filter(pk__gte=first_id_of(since)) if since else queryset

    def since(self) -> datetime | None:
        """Where the chosen span begins."""
        span = self._spans.get(self.value() or "")
        if span is None:
            return None
        begin: Callable[[datetime], datetime] = span[1]
        return begin(timezone.now())


def storable(text: str) -> str:
    """The text as PostgreSQL can compare it; one with a NUL equals nothing that is stored."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def first_id_of(moment: datetime) -> UUID:
    """The lowest UUID v7 of that millisecond."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)


def known_queues() -> list[str]:
    """Every queue that something names, in one query."""
    listened_to = Worker.objects.order_by().values_list(
        Func(F("queues"), function="unnest", output_field=TextField()), flat=True
    )
    paused = Pause.objects.filter(scope=PauseScope.QUEUE).order_by().values_list("name", flat=True)
    fed = Schedule.objects.order_by().values_list("queue", flat=True)
    return sorted({"default", *fed.union(paused, listened_to).order_by()})
