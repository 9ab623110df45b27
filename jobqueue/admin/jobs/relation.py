"""What one job can be to another, and the list of those that are."""

from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

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
