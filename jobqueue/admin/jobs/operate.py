"""Operating on jobs: the POST views behind the buttons of one job, and the actions on selected ones."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from jobqueue.admin.bulk.ask import ask as ask_for_many
from jobqueue.admin.bulk.ask import begin
from jobqueue.admin.dialogs import BaseDialogForm, ask, came_from, go
from jobqueue.admin.jobs.operations import DELETE, OPERATIONS, Operation
from jobqueue.admin.refusals import deny, refuse
from jobqueue.admin.screens import Screen
from jobqueue.audit import Actor
from jobqueue.bulk import BulkVerb, Selection
from jobqueue.bulk.background import OBJECT_TYPE
from jobqueue.models import Job
from jobqueue.models.audit_entry import Action
from jobqueue.operations.jobs import JOB, JOBS
from jobqueue.states import Status
from jobqueue.templatetags.jobqueue_pages import task_label
from jobqueue.transitions import Moved

type ListAction = Callable[[Screen, HttpRequest, QuerySet[Job]], HttpResponse | None]

_BULK = {"retry": BulkVerb.RETRY, "cancel": BulkVerb.CANCEL, "delete": BulkVerb.DELETE}
"""What can be undone, or runs in the background; making jobs due is neither."""


class ConfirmForm(BaseDialogForm):
    """Yes or no."""


class ReasonForm(BaseDialogForm):
    """Yes, and why."""

    reason = forms.CharField(
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Kept with the job, for whoever wonders later.",
    )


def operate_on_one(screen: Screen, request: HttpRequest, job_id: UUID, name: str) -> HttpResponse:
    """GET asks, POST does; a verb that asks nothing is done by any POST.

    Raises:
        PermissionDenied: not an operator.
        Http404: no such verb or job.
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise Http404(f"Unknown operation {name!r}.")
    if not operation.is_permitted(request):
        deny(request, operation.action, JOB, job_id)
    job = Job.objects.only("id", "task_type", "status").filter(pk=job_id).first()
    if job is None:
        raise Http404("That job does not exist any more.")
    form = _form(operation, request)
    if request.method == "POST" and (form.is_valid() or not _asks(operation, job)):
        report(request, operation, _act(operation, request, [job_id], form))
        return go(request, came_from(request, _afterwards(operation, job_id)))
    return ask(
        screen,
        request,
        form,
        title=f"{operation.label} {task_label(job.task_type)} {job.short_id}?",
        description=operation.question or "It succeeded already; this runs it once more.",
        submit=f"{operation.label} job",
    )


def refuse_many(request: HttpRequest) -> None:
    """Record that somebody posted a list action that they may not do; Django itself does nothing then."""
    name = request.POST.get("action", "").removesuffix("_jobs").replace("_", "-")
    if request.method == "POST" and name in OPERATIONS and not OPERATIONS[name].is_permitted(request):
        verb = _BULK.get(name)
        action = Action[f"BULK_{verb.name}"] if verb else OPERATIONS[name].action
        refuse(request, action, OBJECT_TYPE if verb else JOBS)


def action_for(operation: Operation) -> ListAction:
    """The list action that applies an operation to the selected jobs."""
    permission = "delete_jobs" if operation is DELETE else "operate"

    @admin.action(permissions=[permission], description=f"{operation.label} selected jobs")
    def act(screen: Screen, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse | None:
        # The ids, not the queryset: it would be everything if somebody posted "select across".
        ids = selected(request)
        verb = _BULK.get(operation.name)
        if verb is None:
            report(request, operation, operation.act(ids, Actor.of_request(request), ""))
        elif operation.question:
            return ask_for_many(screen, request, verb, Selection(ids=tuple(ids)))
        else:
            begin(request, verb, Selection(ids=tuple(ids)))
        return None

    act.__name__ = f"{operation.name.replace('-', '_')}_jobs"
    return act


def selected(request: HttpRequest) -> list[UUID]:
    """The ids of the ticked rows.

    Raises:
        ValueError: something else than an id was posted.
    """
    return [UUID(text) for text in request.POST.getlist(ACTION_CHECKBOX_NAME)]


def report(request: HttpRequest, operation: Operation, moved: Moved) -> None:
    """Tell what the verb did and to how many."""
    did_something = bool(moved.done or moved.requested)
    level = messages.SUCCESS if did_something and not moved.skipped else messages.WARNING
    messages.add_message(request, level, moved.summary(operation.done))


def _form(operation: Operation, request: HttpRequest) -> BaseDialogForm:
    form_class: type[BaseDialogForm] = ReasonForm if operation.wants_reason else ConfirmForm
    return form_class(request, data=request.POST if request.method == "POST" else None)


def _asks(operation: Operation, job: Job) -> bool:
    return bool(operation.question) or job.status == Status.SUCCEEDED


def _act(operation: Operation, request: HttpRequest, ids: Sequence[UUID], form: BaseDialogForm) -> Moved:
    reason = form.cleaned_data.get("reason", "") if form.is_valid() else ""
    return operation.act(ids, Actor.of_request(request), reason)


def _afterwards(operation: Operation, job_id: UUID) -> str:
    if operation is DELETE:
        return reverse("admin:jobqueue_job_changelist")
    return reverse("admin:jobqueue_job_change", args=[job_id])
