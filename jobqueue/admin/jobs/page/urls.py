"""The addresses beside a job's page."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.jobs.page.attempts import attempt, workers
from jobqueue.admin.jobs.page.heading import Heading
from jobqueue.admin.jobs.page.log import lines_of
from jobqueue.admin.jobs.page.show import find
from jobqueue.admin.jobs.page.texts import text

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

_HIGHEST_CLAIM = 2**63 - 1


def page_urls(screen: "Screen") -> list[URLPattern]:
    """The whole texts, and each attempt with its traceback and log."""

    @require_safe
    def show_text(request: HttpRequest, job_id: UUID, name: str) -> HttpResponseBase:
        _permit(screen, request)
        return text(job_id, name, is_download="download" in request.GET)

    @require_safe
    def show_attempt(request: HttpRequest, job_id: UUID, claim: int) -> HttpResponse:
        _permit(screen, request)
        return _attempt(screen, request, job_id, claim)

    return [
        path("<uuid:job_id>/text/<slug:name>/", screen.admin_site.admin_view(show_text), name="jobqueue_job_text"),
        path(
            "<uuid:job_id>/attempt/<int:claim>/",
            screen.admin_site.admin_view(show_attempt),
            name="jobqueue_job_attempt",
        ),
    ]


def _permit(screen: "Screen", request: HttpRequest) -> None:
    if not screen.has_view_permission(request):
        raise PermissionDenied


def _attempt(screen: "Screen", request: HttpRequest, job_id: UUID, claim: int) -> HttpResponse:
    job = find(str(job_id))
    found = attempt(job_id, claim) if claim <= _HIGHEST_CLAIM else None
    if job is None or found is None:
        raise Http404("That attempt does not exist any more.")
    context = {"job": job, "attempt": found, "log": lines_of(job_id, claim), "workers": workers(job, [found])}
    if is_htmx(request):
        return TemplateResponse(request, "jobqueue/job/attempt.html", context)
    heading = Heading.of(job)
    context |= {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "object": heading,
        "title": f"Attempt {found.number} of {heading}",
        "media": screen.media,
    }
    return TemplateResponse(request, "jobqueue/job/attempt_page.html", context)
