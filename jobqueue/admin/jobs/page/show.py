"""One job's page: all that is known about it, to read."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from jobqueue.admin.audit.changes import Row, rows
from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.jobs.page.heading import Heading
from jobqueue.admin.jobs.page.live import changes, living
from jobqueue.admin.jobs.page.log import LEVELS
from jobqueue.admin.screens import may_see_audit_log
from jobqueue.models import AuditEntry, Job
from jobqueue.operations.jobs import JOB

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

MOST_AUDIT_ENTRIES = 20


def show(screen: "Screen", request: HttpRequest, object_id: str) -> HttpResponse:
    """The page, or for its own refresh what has changed since.

    Raises:
        PermissionDenied: may neither view nor operate.
    """
    if not screen.has_view_permission(request):
        raise PermissionDenied
    job = find(object_id)
    if job is None:
        messages.warning(request, f"There is no job {object_id} (any more).")
        return HttpResponseRedirect(reverse("admin:jobqueue_job_changelist"))
    level = request.GET.get("level", "")
    context: dict[str, Any] = {"job": job, "level": level if level in LEVELS else ""}
    if is_htmx(request):
        return TemplateResponse(request, "jobqueue/job/live.html", context | changes(request, job, context["level"]))
    heading = Heading.of(job)
    context |= living(request, job, context["level"]) | {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "object": heading,
        "title": heading.title,
        "media": screen.media,
        "levels": LEVELS,
        "audit_rows": _audit(request, job),
    }
    return TemplateResponse(request, "jobqueue/job/page.html", context)


def find(object_id: str) -> Job | None:
    """The job without its JSON, which may be large or unreadable."""
    try:
        key = UUID(object_id)
    except ValueError:
        return None
    related = Job.objects.select_related("created_by", "cancel_requested_by", "schedule")
    return related.defer("payload", "result", "checkpoint", "schedule__payload").filter(pk=key).first()


def _audit(request: HttpRequest, job: Job) -> list[Row]:
    """The last things that people did to this job alone; what they did to many at once is in the log itself."""
    if not may_see_audit_log(request):
        return []
    entries = AuditEntry.objects.filter(object_type=JOB, object_id=str(job.pk)).order_by("-number")
    return rows(entries[:MOST_AUDIT_ENTRIES])
