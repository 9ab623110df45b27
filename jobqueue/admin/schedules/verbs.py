"""What the buttons of a schedule do: run it now, switch it on or off, delete it. Only by POST."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from jobqueue import operations
from jobqueue.admin.dialogs import ask, came_from, go
from jobqueue.admin.jobs.operate import ConfirmForm
from jobqueue.admin.refusals import deny, refuse
from jobqueue.admin.screens import may_operate
from jobqueue.audit import Actor
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Schedule
from jobqueue.models.audit_entry import Action
from jobqueue.operations.schedules import SCHEDULE

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

_LONGEST_KEY = 18


@require_POST
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Enqueue the schedule's job now, beside its next occurrence, and show that job.

    Raises:
        PermissionDenied: not an operator.
    """
    if not may_operate(request):
        deny(request, Action.SCHEDULE_RUN, SCHEDULE, pk)
    schedule = get_object_or_404(Schedule, pk=pk)
    try:
        enqueued = operations.run_schedule(schedule, Actor.of_request(request))
    except JobQueueError as error:
        messages.error(request, f"{schedule} could not be run: {error}")
        return _back(request, schedule)
    if enqueued.created:
        messages.success(request, f"{schedule}: 1 job enqueued.")
    else:
        messages.warning(request, f"{schedule}: 0 jobs enqueued, this one is unfinished and its only one.")
    return go(request, reverse("admin:jobqueue_job_change", args=[enqueued.id]))


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch the schedule on (`active=on`) or off; one that could not be fired stays off.

    Raises:
        PermissionDenied: may not change schedules.
    """
    if not request.user.has_perm("jobqueue.change_schedule"):
        deny(request, Action.SCHEDULE_EDIT, SCHEDULE, pk)
    schedule = get_object_or_404(Schedule, pk=pk)
    schedule.is_active = request.POST.get("active") == "on"
    try:
        if schedule.is_active:
            schedule.clean()
    except ValidationError as error:
        problem = " ".join(error.messages)
        refuse(request, Action.SCHEDULE_EDIT, SCHEDULE, pk, f"not switched on: {problem}")
        messages.error(request, f"{schedule} was not switched on: {problem}")
    else:
        operations.save_schedule(schedule, Actor.of_request(request))
        messages.success(request, f"{schedule} is switched {'on' if schedule.is_active else 'off'}.")
    return _back(request, schedule)


def delete(screen: "Screen", request: HttpRequest, object_id: str) -> HttpResponse:
    """GET asks, POST deletes.

    Raises:
        PermissionDenied: may not delete schedules.
        Http404: there is no such schedule.
    """
    if not screen.has_delete_permission(request):
        deny(request, Action.SCHEDULE_DELETE, SCHEDULE, object_id)
    schedule = found(object_id)
    if request.method != "POST":
        return ask(
            screen,
            request,
            ConfirmForm(request),
            title=f"Delete {schedule}?",
            description="Its history goes with it; its jobs stay. To keep the history, switch it off instead."
            " This cannot be undone.",
            submit="Delete schedule",
        )
    operations.delete_schedule(schedule, Actor.of_request(request))
    messages.success(request, f"1 schedule deleted: {schedule}.")
    return go(request, came_from(request, reverse("admin:jobqueue_schedule_changelist")))


def found(object_id: str) -> Schedule:
    """The schedule that an address names.

    Raises:
        Http404: there is none.
    """
    is_key = object_id.isascii() and object_id.isdecimal() and len(object_id) <= _LONGEST_KEY
    if not is_key:
        raise Http404("That is no schedule.")
    return get_object_or_404(Schedule, pk=object_id)


def _back(request: HttpRequest, schedule: Schedule) -> HttpResponse:
    return go(request, came_from(request, reverse("admin:jobqueue_schedule_change", args=[schedule.pk])))
