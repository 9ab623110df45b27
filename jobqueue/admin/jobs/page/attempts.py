"""The attempts of a job, newest last: all about each but its traceback, which is read when somebody wants it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Left

from jobqueue.display.visible import shortened
from jobqueue.models import Attempt, Job, Worker
from jobqueue.redaction import redact_text

MOST_ATTEMPTS = 50
_BEGINNING = 300
LONGEST_TRACEBACK = 12_000
"""Characters of one that is shown; the executor keeps 32,000, and SQL may have written more."""
_MOST_READ = 200_000


@dataclass(frozen=True, kw_only=True)
class Tail[Row]:
    """The newest rows of something, oldest of them first."""

    rows: list[Row]
    is_cut: bool

    @classmethod
    def of(cls, newest_first: list[Row], most: int) -> "Tail[Row]":
        """From one row more than are to be shown."""
        return cls(rows=newest_first[:most][::-1], is_cut=len(newest_first) > most)


def attempts(job: Job) -> Tail[Attempt]:
    """The last `MOST_ATTEMPTS`, with `has_traceback` and `message_start`."""
    newest = (
        Attempt.objects.filter(job_id=job.pk)
        .defer("traceback", "error_message")
        .annotate(
            has_traceback=ExpressionWrapper(~Q(traceback=""), output_field=BooleanField()),
            message_start=Left("error_message", _BEGINNING),
        )
        .order_by("-claim")
    )
    return Tail.of(list(newest[: MOST_ATTEMPTS + 1]), MOST_ATTEMPTS)


def attempt(job_id: UUID, claim: int) -> Attempt | None:
    """One attempt with its traceback."""
    found = Attempt.objects.filter(job_id=job_id, claim=claim).first()
    if found is not None:
        found.traceback = _shown(found.traceback)
        found.error_message = _shown(found.error_message)
    return found


def last_traceback(job: Job, known: list[Attempt]) -> str:
    """That of the newest of these attempts that has one."""
    claims = [one.claim for one in known if one.has_traceback]  # type: ignore[attr-defined]  # annotated above
    if not claims or not job.error_code:
        return ""
    found = Attempt.objects.filter(job_id=job.pk, claim=claims[-1])
    text = found.values_list(Left("traceback", _MOST_READ), flat=True).first() or ""
    return _shown(text)


def _shown(text: str) -> str:
    return shortened(redact_text(text[:_MOST_READ]), LONGEST_TRACEBACK)


def workers(job: Job, known: list[Attempt]) -> Mapping[UUID, Worker]:
    """Who ran these attempts, and who runs the job now; those whose rows are still there."""
    ids = {one.worker_id for one in known if one.worker_id} | ({job.worker_id} if job.worker_id else set())
    return Worker.objects.in_bulk(ids)
