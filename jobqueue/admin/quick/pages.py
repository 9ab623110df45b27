"""What the buttons of quick actions do, the log that follows it, and the page of one run."""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from jobqueue import operations
from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.quick.form import QuickForm
from jobqueue.admin.quick.log import Entry, entry_of, recent_entries
from jobqueue.admin.refusals import deny, refuse
from jobqueue.admin.screens import may_operate
from jobqueue.audit import Actor
from jobqueue.exceptions import InvalidOptionError, JobQueueError
from jobqueue.models import QuickRun
from jobqueue.models.audit_entry import Action
from jobqueue.operations.quick import QUICK_RUN
from jobqueue.quick_actions import find_quick_action, quick_actions

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

_NO_CONTENT = 204
_LONGEST_NAME = 100


def urls(screen: "Screen") -> list[URLPattern]:
    """The verb, the log and the page of one run."""
    wrap: Callable[[Any], Any] = screen.admin_site.admin_view
    return [
        path("quick/start/", wrap(start), name="jobqueue_quick_start"),
        path("quick/log/", wrap(require_safe(partial(log, screen))), name="jobqueue_quick_log"),
        path("quick/<uuid:pk>/", wrap(require_safe(partial(show, screen))), name="jobqueue_quick_run"),
    ]


def panel(request: HttpRequest) -> dict[str, Any]:
    """What the job list shows of quick actions: the buttons and the log; nothing if the project has none."""
    known = quick_actions()
    if not known:
        return {}
    groups = groupby(known, key=lambda action: action.group)
    return {
        "quick_groups": [(name, list(actions)) for name, actions in groups],
        "quick_form": QuickForm(),
        **_log(request, recent_entries()),
    }


def _log(request: HttpRequest, entries: list[Entry], problem: str = "") -> dict[str, Any]:
    return {
        "entries": entries,
        "is_live": any(entry.is_live for entry in entries),
        "seen": entries[0].run.pk if entries else "",
        "problem": problem,
        "may_operate": may_operate(request),
    }


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Start a quick action; the log then shows it.

    Raises:
        PermissionDenied: not an operator.
    """
    name = request.POST.get("action", "")[:_LONGEST_NAME]
    if not may_operate(request):
        deny(request, Action.QUICK_ACTION, QUICK_RUN, name)
    form, problem = QuickForm(request.POST), ""
    try:
        action = find_quick_action(name)
        if not form.is_valid():
            raise InvalidOptionError(form.problem())
        run = operations.start_quick_action(action, Actor.of_request(request), scope=form.scope(), dry_run=form.dry_run)
    except JobQueueError as error:
        problem = f"Nothing was started. {error}"
        refuse(request, Action.QUICK_ACTION, QUICK_RUN, name, str(error))
    if is_htmx(request):
        return TemplateResponse(request, "jobqueue/quick/log.html", _log(request, recent_entries(), problem))
    if problem:
        messages.error(request, problem)
        return HttpResponseRedirect(reverse("admin:jobqueue_job_changelist"))
    messages.success(request, f"{run.label} is started.")
    return HttpResponseRedirect(f"{reverse('admin:jobqueue_job_changelist')}#quick-log")


def log(screen: "Screen", request: HttpRequest) -> HttpResponse:
    """The log, for its own refresh; nothing if there is nothing new to see.

    Raises:
        PermissionDenied: may neither view nor operate.
    """
    _check_may_see(screen, request)
    entries = recent_entries()
    context = _log(request, entries)
    if not context["is_live"] and request.GET.get("done") == str(context["seen"]):
        return HttpResponse(status=_NO_CONTENT)
    return TemplateResponse(request, "jobqueue/quick/log.html", context)


def show(screen: "Screen", request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run with all that its jobs tell.

    Raises:
        PermissionDenied: may neither view nor operate.
        Http404: there is no such run (any more).
    """
    _check_may_see(screen, request)
    run = get_object_or_404(QuickRun.objects.select_related("created_by"), pk=pk)
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": run.label,
        "media": screen.media,
        "entry": entry_of(run),
        "in_full": True,
        "may_operate": may_operate(request),
    }
    name = "run_live" if is_htmx(request) else "run"
    return TemplateResponse(request, f"jobqueue/quick/{name}.html", context)


def _check_may_see(screen: "Screen", request: HttpRequest) -> None:
    if not screen.has_view_permission(request):
        raise PermissionDenied
