"""Searching jobs by a text: an id, or something in the task type, the error or the payload."""

import re
from uuid import UUID

from django.db.models import Case, F, Func, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import IContains, LessThanOrEqual

from jobqueue.display.document import pretty
from jobqueue.display.stored import Stored
from jobqueue.models import Job
from jobqueue.newest import ids_ending
from jobqueue.redaction import redact_text
from jobqueue.registry import registry

HELP = "Id, type, payload or error"
LARGEST_PAYLOAD = 65_536
"""Bytes as stored; larger payloads are not searched."""
_SHORT_ID = re.compile("[0-9a-f]{8}")


def ids_of(text: str) -> list[UUID] | None:
    """The jobs of whose id the text is the whole or the short form; none if it is no id, or one that no job has."""
    word = text.strip().lower()
    if _SHORT_ID.fullmatch(word):
        return ids_ending(word) or None
    try:
        return [UUID(word)]
    except ValueError:
        return None


def condition(text: str) -> Q:
    """Has the text in it, whatever its case."""
    word = _storable(text)
    return (
        Q(task_type__in=_task_types(word))
        | Q(task_type__icontains=word)
        | Q(error_code__icontains=word)
        | Q(error_message__icontains=word)
        | Q(IContains(PAYLOAD, Value(word)))
    )


def shows(job: Job, payload: str | None, text: str) -> bool:
    """Whether the text is to be seen with the job. A search must not tell what is masked, letter by letter.

    Args:
        payload: as `PAYLOAD` gives it.
    """
    word = _storable(text).casefold()
    seen = (job.task_type, job.error_code, redact_text(job.error_message))
    if job.task_type in _task_types(word) or any(word in part.casefold() for part in seen):
        return True
    # Only its line breaks differ from what PostgreSQL searched.
    return payload is not None and _close(word) in _close(pretty(Stored(text=payload, length=len(payload))).casefold())


def _payload() -> Case:
    size = Func(F("payload"), function="pg_column_size", output_field=IntegerField())
    is_small = LessThanOrEqual(size, Value(LARGEST_PAYLOAD))
    return Case(When(is_small, then=Cast("payload", TextField())), output_field=TextField())


PAYLOAD = _payload()
"""The payload's text; none of a larger one."""


def _close(text: str) -> str:
    return "".join(text.split())


def _task_types(word: str) -> list[str]:
    folded = word.casefold()
    return [kind.name for kind in registry if folded in kind.name.casefold() or folded in kind.label.casefold()]


def _storable(text: str) -> str:
    return text.strip().replace("\0", "\N{REPLACEMENT CHARACTER}")
