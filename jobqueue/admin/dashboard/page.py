"""What the dashboard shows, read in a fixed number of queries, none of which walks over the jobs."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils import timezone

from jobqueue import health, throughput
from jobqueue.admin import counts
from jobqueue.admin.dashboard.chart import charts
from jobqueue.admin.dashboard.signals import headline, queue_signals, worst
from jobqueue.admin.dashboard.timeline import AROUND, WIDTH, timeline
from jobqueue.admin.screens import may_operate
from jobqueue.admin.workers.rows import alive
from jobqueue.dashboard_parts import DashboardPart, Reading, dashboard_parts
from jobqueue.states import Status
from jobqueue.templatetags.jobqueue_pills import EMOJI
from jobqueue.throughput import SPANS, Span, TypeSummary

TEMPLATE = "jobqueue/dashboard/dashboard.html"
_MOST_TYPES = 5


def may_see(request: HttpRequest) -> bool:
    """Whether this person may see the dashboard at all: who may see jobs."""
    return may_operate(request) or request.user.has_perm("jobqueue.view_job")


def fragment(request: HttpRequest) -> HttpResponse:
    """The dashboard without the page around it, which fetches it anew every few seconds.

    Raises:
        PermissionDenied: somebody who may not see jobs.
    """
    if not may_see(request):
        raise PermissionDenied
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return TemplateResponse(request, TEMPLATE, dashboard(request))


def dashboard(request: HttpRequest) -> dict[str, Any]:
    """The context of `TEMPLATE`."""
    span = chosen_span(request)
    checks, last_hour = health.check().checks, throughput.by_type(SPANS["1h"].length)
    types = last_hour if span.name == "1h" else throughput.by_type(span.length)
    points, by_status = throughput.series(span), counts.by_status()
    parts = [(part, part.read()) for part in dashboard_parts() if _may_see(request, part.permission)]
    told = [*queue_signals(checks, last_hour), *(signal for _, reading in parts for signal in reading.signals)]
    signals = [signal for signal in told if _may_see(request, signal.permission)]
    return {
        "request": request,
        "signals": signals,
        "headline": headline(signals, str(checks["processing"].value) if "processing" in checks else ""),
        "verdict": worst([signal.level for signal in signals]),
        "tiles": [(status.value, status.label, EMOJI[status], by_status[status]) for status in Status],
        "total": counts.total(by_status),
        "spans": SPANS.values(),
        "span": span,
        "charts": charts(points, span),
        "slowest": slowest(types),
        "failing": most_failing(types),
        "timeline": timeline(),
        "around": AROUND,
        "timeline_width": WIDTH,
        "workers": alive(),
        "may_see_workers": may_operate(request) or request.user.has_perm("jobqueue.view_worker"),
        "may_see_schedules": _may_see(request, "jobqueue.view_schedule"),
        "parts": _rendered(parts),
        "now": timezone.now(),
    }


def _may_see(request: HttpRequest, permission: str) -> bool:
    return not permission or may_operate(request) or request.user.has_perm(permission)


def chosen_span(request: HttpRequest) -> Span:
    """What `?span=` asks for; an hour if it asks for something else."""
    return SPANS.get(request.GET.get("span", ""), SPANS["1h"])


def slowest(types: Sequence[TypeSummary]) -> Sequence[TypeSummary]:
    """Those that take longest on the average, the slowest first."""
    return sorted(types, key=lambda one: one.mean, reverse=True)[:_MOST_TYPES]


def most_failing(types: Sequence[TypeSummary]) -> Sequence[TypeSummary]:
    """Those with failed attempts, the most first."""
    return sorted((one for one in types if one.failed), key=lambda one: one.failed, reverse=True)[:_MOST_TYPES]


def _rendered(parts: Sequence[tuple[DashboardPart, Reading]]) -> list[dict[str, Any]]:
    return [{"title": part.title, "template": part.template, "context": reading.context} for part, reading in parts]
