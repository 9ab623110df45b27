"""What a job's page shows the beginning of, as whole files: payload, result, checkpoint, errors, log."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.http import Http404, StreamingHttpResponse

from jobqueue.admin.jobs.page.attempts import MOST_ATTEMPTS
from jobqueue.display.document import pretty
from jobqueue.display.stored import stored_values
from jobqueue.display.visible import visible
from jobqueue.models import Attempt, Job, LogLine
from jobqueue.redaction import known_secrets, redact_text

VALUES = ("payload", "result", "checkpoint")
ERRORS, LOG = "errors", "log"
_MOST_READ = 20_000_000
_AT_ONCE = 2_000


def text(job_id: UUID, name: str, *, is_download: bool) -> StreamingHttpResponse:
    """The text, secrets masked, as plain text that no browser takes for anything else.

    Raises:
        Http404: no such job, or it has no such text.
    """
    job = Job.objects.only("id").filter(pk=job_id).first()
    parts = _parts(job_id, name) if job else None
    if job is None or parts is None:
        raise Http404("There is no such text.")
    ending = "json" if name in VALUES else "txt"
    kind = "attachment" if is_download else "inline"
    return StreamingHttpResponse(
        (part.encode() for part in parts),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'{kind}; filename="job-{job.short_id}-{name}.{ending}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _parts(job_id: UUID, name: str) -> Iterable[str] | None:
    if name == LOG:
        return _log(job_id)
    if name == ERRORS:
        return _errors(job_id)
    stored = stored_values(job_id, _MOST_READ).get(name) if name in VALUES else None
    return None if stored is None else [pretty(stored), "\n"]


def _log(job_id: UUID) -> Iterator[str]:
    secrets, claim = known_secrets(), None
    for line in LogLine.objects.filter(job_id=job_id).order_by("claim", "number").iterator(_AT_ONCE):
        if line.claim != claim:
            yield f"{'' if claim is None else '\n'}--- attempt under claim {line.claim} ---\n"
            claim = line.claim
        yield f"{line.time.isoformat()} {line.level:<8} {visible(redact_text(line.text, secrets))}\n"


def _errors(job_id: UUID) -> Iterator[str]:
    secrets = known_secrets()
    newest = Attempt.objects.filter(job_id=job_id).exclude(error_code="", traceback="").order_by("-claim")
    for attempt in newest[:MOST_ATTEMPTS]:
        yield f"--- attempt {attempt.number}, {attempt.finished_at.isoformat()}: {attempt.outcome} ---\n"
        said = f"{attempt.error_code} {attempt.error_message}\n{attempt.traceback}"
        yield f"{visible(redact_text(said, secrets)).rstrip()}\n\n"
