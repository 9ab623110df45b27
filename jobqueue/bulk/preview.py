"""What an operation would do, before anybody does it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from jobqueue.bulk.selection import Selection
from jobqueue.bulk.verbs import VERBS
from jobqueue.models.bulk_operation import BulkVerb
from jobqueue.states import Status


@dataclass(frozen=True, kw_only=True)
class Group:
    """Matching jobs that are alike."""

    task_type: str
    status: Status
    error_code: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Exact numbers of this moment, judged by the jobs' states alone: a unique key may turn out to be taken."""

    verb: BulkVerb
    description: str
    matched: int
    eligible: int
    requested: int
    """Of the eligible: running jobs, which are only asked to stop."""
    groups: list[Group]
    """Most jobs first."""
    skipped: Mapping[str, int]
    """How many would be left alone, by reason: their state, or "unknown job"."""


def preview(verb: BulkVerb, selection: Selection) -> Preview:
    """Count what the verb would do to these jobs, by one query."""
    groups = _groups(selection)
    refused = VERBS[verb].refused
    matched = sum(group.count for group in groups)
    by_status = Counter[Status]()
    for group in groups:
        by_status[group.status] += group.count
    skipped = {status.value: count for status, count in by_status.most_common() if status in refused}
    eligible = matched - sum(skipped.values())
    if selection.is_by_ids and matched < len(selection.ids):
        skipped["unknown job"] = len(selection.ids) - matched
    return Preview(
        verb=verb,
        description=selection.describe(),
        matched=matched,
        eligible=eligible,
        requested=by_status[Status.RUNNING] if Status.RUNNING not in refused else 0,
        groups=groups,
        skipped=skipped,
    )


def _groups(selection: Selection) -> list[Group]:
    counted = selection.jobs().order_by().values("task_type", "status", "error_code").annotate(count=Count("id"))
    return [
        Group(
            task_type=row["task_type"], status=Status(row["status"]), error_code=row["error_code"], count=row["count"]
        )
        for row in counted.order_by("-count", "task_type", "status", "error_code")
    ]
