"""Failures grouped: errors that look alike, how often and since when, and what can be done for a whole group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from jobqueue import failures
from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.jobs.choices import Choice
from jobqueue.admin.screens import may_operate
from jobqueue.failures import Unresolved
from jobqueue.models import Failure
from jobqueue.registry import registry

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

PAGE = 50
SPANS: Mapping[str, tuple[str, timedelta]] = {
    "hour": ("in the last hour", timedelta(hours=1)),
    "day": ("in the last 24 hours", timedelta(days=1)),
    "week": ("in the last 7 days", timedelta(days=7)),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One group."""

    failure: Failure
    unresolved: Unresolved


def show_failures(screen: "Screen", request: HttpRequest) -> HttpResponse:
    """The page, the group that failed last first.

    Raises:
        PermissionDenied: may neither view nor operate.
    """
    if not screen.has_view_permission(request):
        raise PermissionDenied
    chosen = {name: request.GET.get(name, "").replace("\0", "")[:100] for name in ("task_type", "seen")}
    groups = _groups(chosen, request.GET.get("before", ""))
    shown = groups[:PAGE]
    unresolved = failures.unresolved_of(shown)
    context: dict[str, Any] = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": "Failures by kind",
        "media": screen.media,
        "rows": [Row(failure=one, unresolved=unresolved[one.fingerprint]) for one in shown],
        "choices": _choices(chosen),
        "is_narrowed": any(chosen.values()),
        "older": _older(request, shown) if len(groups) > PAGE else "",
        "may_operate": may_operate(request),
    }
    name = "failures_rows" if is_htmx(request) else "failures"
    return TemplateResponse(request, f"jobqueue/jobs/{name}.html", context)


def _groups(chosen: Mapping[str, str], before: str) -> list[Failure]:
    span = SPANS.get(chosen["seen"])
    since = timezone.now() - span[1] if span else None
    groups = failures.newest(task_type=chosen["task_type"] or None, since=since)
    try:
        moment = parse_datetime(before)
    except ValueError:
        moment = None
    if moment is not None and timezone.is_aware(moment):
        groups = groups.filter(last_seen_at__lt=moment)
    return list(groups[: PAGE + 1])


def _choices(chosen: Mapping[str, str]) -> list[Choice]:
    types = [(kind.name, kind.label) for kind in registry]
    spans = [(name, label) for name, (label, _) in SPANS.items()]
    return [
        Choice(name="task_type", label="Any type", options=types, chosen=chosen["task_type"]),
        Choice(name="seen", label="At any time", options=spans, chosen=chosen["seen"]),
    ]


def _older(request: HttpRequest, shown: list[Failure]) -> str:
    query = request.GET.copy()
    query["before"] = shown[-1].last_seen_at.isoformat()
    return f"?{query.urlencode()}"
