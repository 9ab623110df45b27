"""The job list: tiles, filters, search and actions over pages by key."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import CharField, Func, JSONField, QuerySet, TextField
from django.db.models.functions import Cast, Left
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from jobqueue.admin import counts, playbook
from jobqueue.admin.create import pages as create
from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.jobs.filters import CreatedFilter, QueueFilter, StatusFilter, TaskTypeFilter
from jobqueue.admin.jobs.operate import action_for, operate_on_one, refuse_many, selected
from jobqueue.admin.jobs.operations import OPERATIONS, offers
from jobqueue.admin.jobs.page.show import show
from jobqueue.admin.jobs.page.urls import page_urls
from jobqueue.admin.jobs.relation_filter import RelationFilter
from jobqueue.admin.jobs.search import HELP, search
from jobqueue.admin.keyset import CappedPaginator, KeyChangeList
from jobqueue.admin.processing.switch import automatic_processing
from jobqueue.admin.quick import pages as quick
from jobqueue.admin.screens import ReadOnlyScreen, may_operate
from jobqueue.models import Job
from jobqueue.states import Status
from jobqueue.templatetags.jobqueue_pills import EMOJI

_SUMMARY_LENGTH = 120


# Options that were left open say nothing about the job.
_said = Func("payload", function="jsonb_strip_nulls", output_field=JSONField())


@admin.register(Job)
class JobAdmin(ReadOnlyScreen):
    """Jobs are read here and moved by verbs; no form edits one."""

    change_list_template = "jobqueue/jobs/list.html"
    list_before_template = "jobqueue/jobs/list_before.html"
    list_max_show_all = 0
    show_full_result_count = False
    paginator = CappedPaginator
    ordering = ["-id"]
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    list_filter = [StatusFilter, TaskTypeFilter, QueueFilter, CreatedFilter, RelationFilter]
    search_fields = ["id"]
    search_help_text = HELP
    actions = [action_for(operation) for operation in OPERATIONS.values()]

    class Media:
        css = {"all": ["jobqueue/quick_actions.css", "jobqueue/schedule_form.css", "jobqueue/create_job.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """What a row shows: of payload and error only the beginning."""
        jobs: QuerySet[Job] = Job.objects.for_list()
        return (
            jobs.defer("payload", "error_message")
            .annotate(
                payload_start=Left(Cast(_said, TextField()), _SUMMARY_LENGTH),
                error_start=Left("error_message", _SUMMARY_LENGTH, output_field=CharField()),
            )
            .order_by("-id")
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeyChangeList]:
        """Pages by key."""
        return KeyChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        """See `job_search`."""
        return (search(queryset, search_term) if search_term.strip() else queryset), False

    def get_urls(self) -> list[URLPattern]:
        """One address per verb and job beside Django's own."""
        own: Callable[..., HttpResponse] = self.admin_site.admin_view(self._operate)
        read: Callable[..., HttpResponse] = self.admin_site.admin_view(self._playbook)
        return [
            path("playbook/", read, name="jobqueue_playbook"),
            path("<uuid:job_id>/do/<slug:name>/", own, name="jobqueue_job_do"),
            *quick.urls(self),
            *page_urls(self),
            *create.urls(self),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The whole page, or for its own refresh the part that lives."""
        try:
            selected(request)
        except ValueError:
            messages.error(request, "0 jobs changed: the selection holds something that is no job id.")
            return HttpResponseRedirect(request.get_full_path())
        refuse_many(request)
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            assert response.context_data is not None  # noqa: S101  just looked
            response.context_data |= _top(request)
            jobs = response.context_data["cl"].result_list
            response.context_data["rows"] = [(job, offers(job)) for job in jobs]
            if is_htmx(request):
                response.template_name = "jobqueue/jobs/list_live.html"
            else:
                response.context_data |= quick.panel(request)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The job's page, to read."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return show(self, request, object_id)

    def _playbook(self, request: HttpRequest) -> HttpResponse:
        return playbook.show(self, request)

    def _operate(self, request: HttpRequest, job_id: UUID, name: str) -> HttpResponse:
        return operate_on_one(self, request, job_id, name)


def _top(request: HttpRequest) -> dict[str, Any]:
    by_status = counts.by_status()
    tiles = [(status.value, status.label, EMOJI[status], by_status[status]) for status in Status]
    return {
        "tiles": tiles,
        "total": counts.total(by_status),
        "processing": automatic_processing(counts.waiting(by_status)),
        "may_operate": may_operate(request),
        "chosen_status": request.GET.get("status", ""),
    }
