"""Searching jobs: by id, task type or error code, and by nothing that would read the payloads of a million rows."""

import re
from uuid import UUID

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast, Right

from jobqueue.models import Job
from jobqueue.registry import registry

HELP = "Job id, task type or error code"
_MOST_NAMESAKES = 50
_SHORT_ID = re.compile(r"[0-9a-f]{8}")


def search(jobs: QuerySet[Job], text: str) -> QuerySet[Job]:
    """The jobs that a person means by that text."""
    word = text.strip()
    try:
        return jobs.filter(pk=UUID(word))
    except ValueError:
        pass
    if _SHORT_ID.fullmatch(word.lower()):
        return jobs.filter(pk__in=_ids_ending(word.lower()))
    return jobs.filter(Q(task_type__in=_task_types(word)) | Q(error_code=word.upper()))


def _ids_ending(end: str) -> list[UUID]:
    # Looked up here, once: the list and its count would each read all ids.
    ids = Job.objects.order_by().alias(end=Right(Cast("pk", CharField()), 8)).filter(end=end)
    return list(ids.values_list("pk", flat=True)[:_MOST_NAMESAKES])


def _task_types(word: str) -> list[str]:
    folded = word.casefold()
    known = [
        task_type.name
        for task_type in registry
        if folded in task_type.name.casefold() or folded in task_type.label.casefold()
    ]
    # A row may be of a type that no handler knows any more.
    return [*known, word]
