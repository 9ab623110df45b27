"""The jobs of a selection batch by batch, in the order of their ids."""

from bisect import bisect_right
from uuid import UUID

from jobqueue.bulk.selection import Selection
from jobqueue.models import Job


def last_id() -> UUID:
    """The greatest job id there is: what an operation that begins now may reach."""
    return Job.objects.order_by("-id").values_list("id", flat=True).first() or UUID(int=0)


def next_ids(selection: Selection, *, after: UUID | None, until: UUID, limit: int) -> list[UUID]:
    """The next ids of the selection.

    Args:
        after: the last one that was done; none at the start.
        until: the last one that there may be.
    """
    if selection.is_by_ids:
        # As they were given: the verb says which of them are unknown.
        begin = 0 if after is None else bisect_right(selection.ids, after)
        return list(selection.ids[begin : begin + limit])
    walks = [jobs.filter(id__lte=until).values_list("id", flat=True) for jobs in selection.walks()]
    if after is not None:
        walks = [jobs.filter(id__gt=after) for jobs in walks]
    first, *others = [jobs[:limit] for jobs in walks]
    return list(first.union(*others, all=True).order_by("id")[:limit] if others else first)
