"""What one job can be to another, and the list of those that are."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from jobqueue.exceptions import InvalidSelectionError
from jobqueue.job_filter import MOST_IDS
from jobqueue.models import Job
from jobqueue.querysets import JobQuerySet

PARAMETER = "related"


class Relation(StrEnum):
    """What a job is to the one whose page it is on."""

    SELF = "self"
    DEPENDS_ON = "depends_on"
    DEPENDENT = "dependent"
    PARENT = "parent"
    CHILD = "child"
    FAR = "far"
    """Related to one of the others."""


def relation_url(relation: Relation, job: UUID) -> str:
    """The list of that job's relatives of a kind."""
    query = urlencode({PARAMETER: f"{relation}:{job}"})
    return f"{reverse('admin:jobqueue_job_changelist')}?{query}"


_RELATIONS: Mapping[str, tuple[str, Callable[[JobQuerySet, UUID], JobQuerySet]]] = {
    Relation.DEPENDS_ON: ("what {} depends on", JobQuerySet.parents_of),
    Relation.DEPENDENT: ("what depends on {}", JobQuerySet.dependents_of),
    Relation.CHILD: ("what {} enqueued", JobQuerySet.children_of),
}


def related_ids(value: str) -> list[UUID]:
    """The relatives that the parameter's value means.

    Raises:
        InvalidSelectionError: it means none, or no relation at all.
    """
    kind, job = _read(value)
    found = _RELATIONS[kind][1](Job.objects.order_by("-pk"), job).values_list("pk", flat=True)[:MOST_IDS]
    ids = list(found)
    if not ids:
        raise InvalidSelectionError(f"There is no job (any more) that is {say_relation(value)}.")
    return ids


def say_relation(value: str) -> str:
    """The same in words."""
    try:
        kind, job = _read(value)
    except InvalidSelectionError:
        return value
    return _RELATIONS[kind][0].format(job.hex[-8:])


def _read(value: str) -> tuple[str, UUID]:
    kind, _, text = value.partition(":")
    try:
        job = UUID(text)
    except ValueError:
        job = None
    if kind not in _RELATIONS or job is None:
        raise InvalidSelectionError(f"{PARAMETER} is {value!r}: expected a relation to a job, as its page links to it.")
    return kind, job
