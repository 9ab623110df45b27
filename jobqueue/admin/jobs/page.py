"""One job's page: all that is known about it, to read. What moves is refreshed while the job is unfinished."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from jobqueue.admin.audit.changes import Row, rows
from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.jobs.family import parent, relatives
from jobqueue.admin.jobs.operations import offers
from jobqueue.admin.screens import may_operate, may_see_audit_log
from jobqueue.models import Attempt, AuditEntry, Job, LogLine, Worker
from jobqueue.operations.jobs import JOB
from jobqueue.states import WAITING
from jobqueue.waiting import why_waiting

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

MOST_LOG_LINES = 500
MOST_ATTEMPTS = 50
MOST_AUDIT_ENTRIES = 20


@dataclass(frozen=True, kw_only=True)
class Tail[Row]:
    """The newest rows of something, oldest of them first."""

    rows: list[Row]
    is_cut: bool


def show(screen: "Screen", request: HttpRequest, object_id: str) -> HttpResponse:
    """The page, or for its own refresh the part that lives.

    Raises:
        PermissionDenied: may neither view nor operate.
    """
    if not screen.has_view_permission(request):
        raise PermissionDenied
    job = _find(object_id)
    if job is None:
        messages.warning(request, f"There is no job {object_id} (any more).")
        return HttpResponseRedirect(reverse("admin:jobqueue_job_changelist"))
    context = _living(request, job)
    if is_htmx(request):
        return TemplateResponse(request, "jobqueue/jobs/page_live.html", context)
    context |= {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "object": job,
        "title": str(job),
        "media": screen.media,
        "relatives": relatives(job),
        "parent": parent(job),
        "audit_rows": _audit(request, job),
    }
    return TemplateResponse(request, "jobqueue/jobs/page.html", context)


def _find(object_id: str) -> Job | None:
    try:
        key = UUID(object_id)
    except ValueError:
        return None
    related = Job.objects.select_related("created_by", "cancel_requested_by", "schedule")
    return related.defer("checkpoint").filter(pk=key).first()


def _living(request: HttpRequest, job: Job) -> dict[str, Any]:
    attempts = _attempts(job)
    workers = Worker.objects.in_bulk({row.worker_id for row in attempts.rows if row.worker_id} | _of(job))
    return {
        "job": job,
        "waiting": why_waiting(job) if job.status in WAITING else None,
        "offers": offers(job) if may_operate(request) else [],
        "attempts": attempts,
        "workers": workers,
        "log": _log(job),
    }


def _of(job: Job) -> set[UUID]:
    return {job.worker_id} if job.worker_id else set()


def _attempts(job: Job) -> Tail[Attempt]:
    newest = Attempt.objects.filter(job_id=job.pk).order_by("-claim")[: MOST_ATTEMPTS + 1]
    return _tail(list(newest), MOST_ATTEMPTS)


def _log(job: Job) -> Tail[LogLine]:
    newest = LogLine.objects.filter(job_id=job.pk).order_by("-claim", "-number")[: MOST_LOG_LINES + 1]
    return _tail(list(newest), MOST_LOG_LINES)


def _tail[Row](newest_first: list[Row], most: int) -> Tail[Row]:
    return Tail(rows=newest_first[:most][::-1], is_cut=len(newest_first) > most)


def _audit(request: HttpRequest, job: Job) -> list[Row]:
    """The last things that people did to this job alone; what they did to many at once is in the log itself."""
    if not may_see_audit_log(request):
        return []
    entries = AuditEntry.objects.filter(object_type=JOB, object_id=str(job.pk)).order_by("-number")
    return rows(entries[:MOST_AUDIT_ENTRIES])
