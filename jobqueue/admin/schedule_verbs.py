"""What the buttons of a schedule do: run it now, switch it on or off. Only by POST."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from jobqueue import operations
from jobqueue.admin.dialogs import came_from, go
from jobqueue.admin.refusals import deny, refuse
from jobqueue.admin.screens import may_operate
from jobqueue.audit import Actor
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Schedule
from jobqueue.models.audit_entry import Action
from jobqueue.operations.schedules import SCHEDULE


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


def _back(request: HttpRequest, schedule: Schedule) -> HttpResponse:
    return go(request, came_from(request, reverse("admin:jobqueue_schedule_change", args=[schedule.pk])))
