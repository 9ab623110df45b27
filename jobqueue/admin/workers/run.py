"""The button "Run Worker": asks how many jobs, runs one cycle, and tells how that went."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from jobqueue import pauses
from jobqueue.admin.dialogs import BaseDialogForm, ask, came_from, go
from jobqueue.admin.refusals import deny
from jobqueue.admin.screens import may_operate
from jobqueue.audit import Actor
from jobqueue.cycles import CycleResult, run_cycle
from jobqueue.cycles.run import CYCLE
from jobqueue.models.audit_entry import Action
from jobqueue.models.worker_cycle import CycleSource, CycleStatus

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

_MOST = 5


class RunForm(BaseDialogForm):
    """How many jobs at most; while everything is paused, whether all the same."""

    limit = forms.TypedChoiceField(
        label="At most",
        coerce=int,
        initial=_MOST,
        choices=[(number, f"{number} job{'s' if number > 1 else ''}") for number in range(1, _MOST + 1)],
        widget=UnfoldAdminSelectWidget(),
    )
    force = forms.BooleanField(
        label="Although everything is paused",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Pauses of single queues and task types hold all the same.",
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if pauses.stop() is None:
            del self.fields["force"]


def run_worker(screen: "ModelAdmin[Any]", request: HttpRequest) -> HttpResponse:
    """GET asks, POST runs.

    Raises:
        PermissionDenied: not an operator.
    """
    if not may_operate(request):
        deny(request, Action.WORKER_RUN, CYCLE)
    form = RunForm(request, data=request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return ask(
            screen,
            request,
            form,
            title="Run the worker once?",
            description="It runs what is due, the most urgent first, in a process of its own. This page waits for it.",
            submit="Run worker",
        )
    result = run_cycle(
        form.cleaned_data["limit"],
        CycleSource.MANUAL,
        Actor.of_request(request),
        force=form.cleaned_data.get("force", False),
    )
    messages.add_message(request, _level(result), said(result))
    return go(request, came_from(request, reverse("admin:jobqueue_worker_changelist")))


def said(result: CycleResult) -> str:
    """What is told of a cycle, with the first error."""
    if result.status == CycleStatus.OK and not result.processed and not result.is_running and result.cycle:
        return "No job has run: none is due that nothing holds back."
    error = next((job for job in result.results if job.code), None)
    if error is None:
        return result.message
    return f"{result.message} {error.task_type}: {error.code}, {error.message}"


def _level(result: CycleResult) -> int:
    if result.status == CycleStatus.FAILED:
        return messages.ERROR
    if result.status != CycleStatus.OK or result.failed or not result.cycle:
        return messages.WARNING
    return messages.SUCCESS if result.processed else messages.INFO
