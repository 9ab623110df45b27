"""Creating and editing jobs: the pages, their dialogs, and the part that changes with the task type."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobqueue import operations
from jobqueue.admin.create.edit_form import EditJobForm
from jobqueue.admin.create.form import NewJobForm
from jobqueue.admin.create.what import of_type, stored_job
from jobqueue.admin.dialogs import came_from, go, is_htmx
from jobqueue.admin.refusals import deny
from jobqueue.admin.schedules import job_panel
from jobqueue.admin.schedules.job_panel import OF, StoredJob
from jobqueue.admin.screens import may_operate
from jobqueue.audit import Actor
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Job
from jobqueue.models.audit_entry import Action
from jobqueue.operations.jobs import JOB
from jobqueue.operations.schedules import SCHEDULE
from jobqueue.states import Status
from jobqueue.templatetags.jobqueue_pages import task_label
from jobqueue.templatetags.jobqueue_times import relative

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

EDIT_PAYLOAD = "jobqueue.edit_job_payload"
REPEAT = "jobqueue.add_schedule"


def urls(screen: "Screen") -> list[URLPattern]:
    """The pages and the part of them that answers while somebody chooses."""
    wrap: Callable[[Any], Any] = screen.admin_site.admin_view
    return [
        path("create/", wrap(partial(create, screen)), name="jobqueue_job_create"),
        path("create/payload-fields/", wrap(partial(payload_fields, screen)), name="jobqueue_job_payload_fields"),
        path("<uuid:job_id>/edit/", wrap(partial(edit, screen)), name="jobqueue_job_edit"),
    ]


def create(screen: "Screen", request: HttpRequest) -> HttpResponse:
    """GET shows the form, filled in like `?copy=` another job; POST creates the job, or its schedule.

    Raises:
        PermissionDenied: not an operator, or a schedule from who may make none.
    """
    if not may_operate(request):
        deny(request, Action.JOB_CREATE, JOB)
    may_repeat = request.user.has_perm(REPEAT)
    if request.method != "POST":
        like, task_type = _job(request.GET.get("copy", "")), request.GET.get("task_type", "")
        form = NewJobForm(like=like, task_type=task_type, may_repeat=may_repeat)
        return _ask(screen, request, form, "Create job", {"may_repeat": may_repeat})
    if request.POST.get("recurring") and not may_repeat:
        deny(request, Action.SCHEDULE_CREATE, SCHEDULE)
    form = NewJobForm(request.POST, may_repeat=may_repeat)
    if form.is_valid() and (_repeated(request, form) if form.schedule else _created(request, form)):
        return go(request, came_from(request, reverse("admin:jobqueue_job_changelist")))
    return _ask(screen, request, form, "Create job", {"may_repeat": may_repeat})


def edit(screen: "Screen", request: HttpRequest, job_id: UUID) -> HttpResponse:
    """GET shows the form, POST changes the job if it still waits.

    Raises:
        PermissionDenied: not an operator, or a payload from who may not edit one.
        Http404: there is no such job.
    """
    may_edit_payload = request.user.has_perm(EDIT_PAYLOAD)
    if not may_operate(request) or (OF in request.POST and not may_edit_payload):
        deny(request, Action.JOB_EDIT, JOB, job_id)
    job = Job.objects.for_list().filter(pk=job_id).first()
    if job is None:
        raise Http404("That job does not exist any more.")
    page = reverse("admin:jobqueue_job_change", args=[job_id])
    if job.status != Status.PENDING:
        messages.warning(request, f"{_name(job)} is {job.get_status_display().lower()}: only a pending job is edited.")
        return go(request, page)
    data = request.POST if request.method == "POST" else None
    form = EditJobForm(data, job=job, may_edit_payload=may_edit_payload)
    if data is not None and form.is_valid() and _edited(request, form, job):
        return go(request, came_from(request, page))
    return _ask(screen, request, form, f"Edit {_name(job)}", {"job": job, "back": page})


def payload_fields(screen: "Screen", request: HttpRequest) -> HttpResponse:
    """The fields of a task type. Values may come by POST, as they can be long or secret; nothing is stored.

    Raises:
        PermissionDenied: not an operator, or the payload of a job from who may not edit it.
    """
    data = request.POST if request.method == "POST" else request.GET
    job = _job(data.get("job", ""))
    if not may_operate(request) or (job is not None and not request.user.has_perm(EDIT_PAYLOAD)):
        deny(request, Action.JOB_EDIT if job else Action.JOB_CREATE, JOB)
    if job is not None:
        panel = job_panel.anew(of_type(data, job.task_type), stored_job(job))
    else:
        panel = job_panel.anew(data, StoredJob())
    return TemplateResponse(request, "jobqueue/create/what.html", {"panel": panel, "edited": job})


def _created(request: HttpRequest, form: NewJobForm) -> bool:
    """Whether it was done; else the form says why not."""
    try:
        enqueued = operations.create(form.new_job(), Actor.of_request(request))
    except JobQueueError as error:
        form.add_error(None, str(error))
        return False
    job = Job.objects.for_list().get(pk=enqueued.id)
    link = _link(reverse("admin:jobqueue_job_change", args=[job.pk]), _name(job))
    if enqueued.created:
        messages.success(request, format_html("1 job created: {}. It runs {}.", link, _when(job.run_at)))
    else:
        state = job.get_status_display().lower()
        messages.warning(request, format_html("0 jobs created: {} is the same and {}.", link, state))
    return True


def _repeated(request: HttpRequest, form: NewJobForm) -> bool:
    assert form.schedule is not None  # noqa: S101  just asked
    operations.save_schedule(form.schedule, Actor.of_request(request))
    schedule = form.schedule
    link = _link(reverse("admin:jobqueue_schedule_change", args=[schedule.pk]), schedule.name)
    first = _when(schedule.starts_at or timezone.now())
    messages.success(request, format_html("1 schedule created: {}. It first runs {}.", link, first))
    return True


def _edited(request: HttpRequest, form: EditJobForm, job: Job) -> bool:
    changes = form.changes()
    if not changes.given():
        messages.info(request, f"{_name(job)}: nothing was changed.")
        return True
    try:
        moved = operations.edit(job.pk, changes, Actor.of_request(request))
    except JobQueueError as error:
        form.add_error(None, str(error))
        return False
    if moved.done:
        messages.success(request, f"{_name(job)}: {', '.join(changes.given()).replace('_', ' ')} changed.")
    else:
        messages.warning(request, moved.summary("changed"))
    return True


def _ask(
    screen: "Screen", request: HttpRequest, form: NewJobForm | EditJobForm, title: str, more: dict[str, Any]
) -> TemplateResponse:
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": title,
        "media": screen.media,
        "form": form,
        "panel": form.panel,
        "back": came_from(request, reverse("admin:jobqueue_job_changelist")),
        **more,
    }
    name = "dialog" if is_htmx(request) else "page"
    return TemplateResponse(request, f"jobqueue/create/{name}.html", context)


def _job(key: str) -> Job | None:
    try:
        return Job.objects.for_list().filter(pk=UUID(key)).first()
    except ValueError:
        return None


def _when(moment: datetime) -> str:
    return relative(moment) if moment > timezone.now() else "now"


def _link(url: str, text: str) -> SafeString:
    return format_html('<a class="font-semibold underline" href="{}">{}</a>', url, text)


def _name(job: Job) -> str:
    return f"{task_label(job.task_type)} {job.short_id}"
