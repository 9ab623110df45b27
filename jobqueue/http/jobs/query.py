"""The newest jobs that fit some filters, a page at a time, whatever the number of jobs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q

from jobqueue.ids import first_id_at
from jobqueue.job_filter import JobFilter
from jobqueue.management.job_row import JobRow
from jobqueue.models import Job
from jobqueue.newest import ids_ending
from jobqueue.newest import newest as newest_among
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

    @property
    def first(self) -> UUID | None:
        """The lowest id that `since` allows: an id begins with the time when it was made."""
        return None if self.since is None else first_id_at(max(self.since, _EPOCH))

    @property
    def end(self) -> UUID | None:
        """All ids are lower than this one."""
        until = None if self.until is None else first_id_at(max(self.until, _EPOCH))
        return min((end for end in (until, self.before) if end is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some jobs, the newest first."""

    jobs: list[JobRow]
    onward: UUID | None
    """The next page has what was made before this job; None if there is no next page."""


def newest(filters: Filters, limit: int) -> Page:
    """The newest jobs that fit, at most so many.

    What no index leads to is tried on a bounded number of jobs; then a page has fewer, even none, and a next page.
    """
    also = _tried(filters)
    return _tried_page(filters, also, limit) if also else _walked_page(filters, limit)


def _walked_page(filters: Filters, limit: int) -> Page:
    """By an index alone."""
    jobs = Job.objects.filter(_since(filters))
    if filters.end is not None:
        jobs = jobs.filter(pk__lt=filters.end)
    if filters.created_by is not None:
        jobs = jobs.filter(created_by=filters.created_by)
    found = _by_status(jobs, filters, limit + 1)
    return Page(jobs=found[:limit], onward=found[limit - 1].id if len(found) > limit else None)


def _by_status(jobs: JobQuerySet, filters: Filters, limit: int) -> list[JobRow]:
    # Status by status, so that the index (status, id) has each in order, however rare it is.
    walks = [jobs.filter(status=status) for status in dict.fromkeys(filters.statuses)] or [jobs]
    first, *others = [walk.order_by("-pk")[:limit] for walk in walks]
    return _rows(first.union(*others, all=True).order_by("-pk")[:limit] if others else first)


def _tried_page(filters: Filters, also: Q, limit: int) -> Page:
    chosen = JobFilter(statuses=filters.statuses, created_by=filters.created_by)
    found = newest_among(chosen, also=also & _since(filters), before=filters.end, limit=limit)
    jobs = _rows(Job.objects.filter(pk__in=found.ids).order_by("-pk"))
    if found.number > len(found.ids):
        return Page(jobs=jobs, onward=found.ids[-1])
    is_over = found.onward is not None and filters.first is not None and found.onward <= filters.first
    return Page(jobs=jobs, onward=None if is_over else found.onward)


def _rows(jobs: JobQuerySet) -> list[JobRow]:
    # Fifty instances of a model take longer than the query.
    return [JobRow._make(row) for row in jobs.values_list(*JobRow._fields)]


def _since(filters: Filters) -> Q:
    return Q() if filters.first is None else Q(pk__gte=filters.first)


def _tried(filters: Filters) -> Q:
    """The conditions that have to be tried on each job."""
    fits = Q()
    if filters.task_types:
        fits &= Q(task_type__in=filters.task_types)
    if filters.queues:
        fits &= Q(queue__in=filters.queues)
    return fits & _searched(filters.search) if filters.search else fits


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
