"""The newest jobs that fit some filters, read by index."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q

from jobqueue.ids import first_id_at
from jobqueue.management.selecting import ids_ending
from jobqueue.models import Job
from jobqueue.querysets import JobQuerySet
from jobqueue.registry import registry
from jobqueue.states import Status

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT = 8


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list is limited to; within one filter any of its values."""

    statuses: tuple[Status, ...] = ()
    task_types: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    created_by: int | None = None
    search: str = ""
    before: UUID | None = None


def newest(filters: Filters, limit: int) -> list[Job]:
    """The newest jobs that fit."""
    jobs = _among(Job.objects.for_list().defer("payload"), filters)
    # Status by status, so that the index (status, id) has each in order, however rare it is.
    walks = [jobs.filter(status=status) for status in dict.fromkeys(filters.statuses)] or [jobs]
    first, *others = [walk.order_by("-pk")[:limit] for walk in walks]
    return list(first.union(*others, all=True).order_by("-pk")[:limit] if others else first)


def _among(jobs: JobQuerySet, filters: Filters) -> JobQuerySet:
    wanted = {"task_type__in": filters.task_types, "queue__in": filters.queues, "created_by": filters.created_by}
    fits = Q(**{name: value for name, value in wanted.items() if value not in ((), None)})
    # An id begins with the time when it was made.
    if filters.since is not None:
        fits &= Q(pk__gte=first_id_at(max(filters.since, _EPOCH)))
    if filters.until is not None:
        fits &= Q(pk__lt=first_id_at(max(filters.until, _EPOCH)))
    if filters.before is not None:
        fits &= Q(pk__lt=filters.before)
    return jobs.filter(fits & _searched(filters.search) if filters.search else fits)


def _searched(word: str) -> Q:
    try:
        return Q(pk=UUID(word))
    except ValueError:
        pass
    found = Q(error_code=word.upper()) | Q(task_type__in=[*_named(word), word])
    if len(word) == _SHORT and all(digit in "0123456789abcdef" for digit in word.lower()):
        return Q(pk__in=ids_ending(word.lower()))
    return found


def _named(word: str) -> list[str]:
    folded = word.casefold()
    return [one.name for one in registry if folded in one.name.casefold() or folded in one.label.casefold()]
