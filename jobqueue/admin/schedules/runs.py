"""The pages of what schedules did: the history of all, of one, and everything about one run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from jobqueue import occurrences
from jobqueue.admin.dialogs import came_from, is_htmx
from jobqueue.admin.screens import may_operate
from jobqueue.models import Schedule
from jobqueue.models.occurrence import Skipped
from jobqueue.occurrences import Run
from jobqueue.registry import registry
from jobqueue.states import Status

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

MOST_RUNS = 50
_LARGEST_KEY = 2**63 - 1


def show_history(screen: "Screen", request: HttpRequest, schedule: Schedule | None = None) -> HttpResponse:
    """The runs of one schedule or of all, newest first; for its own refresh the part that lives."""
    before = _key(request.GET.get("before", ""))
    found = occurrences.history(schedule, limit=MOST_RUNS + 1, before=before)
    runs = found[:MOST_RUNS]
    failed = failures(runs)
    is_failed_only = request.GET.get("show") == "failures"
    context: dict[str, Any] = {
        "schedule": schedule,
        "has_handler": schedule is not None and schedule.task_type in registry,
        "runs": failed if is_failed_only else runs,
        "read": len(runs),
        "failures": len(failed),
        "is_failed_only": is_failed_only,
        "is_first": before is None,
        "older": runs[-1].id if len(found) > MOST_RUNS else None,
        "may_see_jobs": may_see_jobs(request),
        "may_operate": may_operate(request),
        "has_change_permission": screen.has_change_permission(request),
        "opts": screen.opts,
    }
    if is_htmx(request):
        return TemplateResponse(request, "jobqueue/schedules/history_live.html", context)
    title = f"History of {schedule}" if schedule else "Execution history"
    context |= {**screen.admin_site.each_context(request), "title": title, "media": screen.media}
    return TemplateResponse(request, "jobqueue/schedules/history.html", context)


def show_run(screen: "Screen", request: HttpRequest, occurrence: int) -> HttpResponse:
    """Everything about one run, in a dialog or as a page of its own.

    Raises:
        Http404: there is no such run any more.
    """
    run = occurrences.find_run(occurrence) if occurrence <= _LARGEST_KEY else None
    if run is None:
        raise Http404("That run is not in the history any more.")
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": f"Run of {run.schedule}",
        "media": screen.media,
        "run": run,
        "back": came_from(request, ""),
        "may_see_jobs": may_see_jobs(request),
    }
    template = "jobqueue/schedules/run_dialog.html" if is_htmx(request) else "jobqueue/schedules/run_page.html"
    return TemplateResponse(request, template, context)


def failures(runs: Sequence[Run]) -> list[Run]:
    """Those that ended badly, and those that could not even begin."""
    return [run for run in runs if run.status in (Status.FAILED, Status.DEAD) or run.skipped == Skipped.INVALID]


def may_see_jobs(request: HttpRequest) -> bool:
    """Whether links to jobs lead anywhere for this person."""
    return request.user.has_perm("jobqueue.view_job") or may_operate(request)


def _key(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    return min(int(text), _LARGEST_KEY)
