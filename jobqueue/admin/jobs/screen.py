"""The job list: tiles, filters, search and actions over pages by key."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from jobqueue.admin import counts, playbook
from jobqueue.admin.bulk.ask import on_matching
from jobqueue.admin.bulk.clear import clear
from jobqueue.admin.bulk.facts import active
from jobqueue.admin.create import pages as create
from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.jobs.changelist import JobChangeList, rows
from jobqueue.admin.jobs.chips import chips
from jobqueue.admin.jobs.choices import main_choices, more_choices
from jobqueue.admin.jobs.failures import show_failures
from jobqueue.admin.jobs.glance import glance
from jobqueue.admin.jobs.offers import offers_for_all
from jobqueue.admin.jobs.operate import action_for, operate_on_one, refuse_many, selected
from jobqueue.admin.jobs.operations import OPERATIONS, offers
from jobqueue.admin.jobs.page.show import show
from jobqueue.admin.jobs.page.urls import page_urls
from jobqueue.admin.jobs.search import HELP
from jobqueue.admin.processing.switch import automatic_processing
from jobqueue.admin.quick import pages as quick
from jobqueue.admin.screens import ReadOnlyScreen, may_delete, may_operate
from jobqueue.models import Job
from jobqueue.states import Status
from jobqueue.templatetags.jobqueue_pills import EMOJI


@admin.register(Job)
class JobAdmin(ReadOnlyScreen):
    """Jobs are read here and moved by verbs; no form edits one."""

    change_list_template = "jobqueue/jobs/list.html"
    list_before_template = "jobqueue/jobs/list_before.html"
    list_max_show_all = 0
    show_full_result_count = False
    paginator = Paginator
    ordering = ["-id"]
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    search_fields = ["id"]
    actions = [action_for(operation) for operation in OPERATIONS.values()]

    class Media:
        css = {
            "all": [
                "jobqueue/job_list.css",
                "jobqueue/quick_actions.css",
                "jobqueue/schedule_form.css",
                "jobqueue/create_job.css",
            ]
        }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """What a row shows."""
        return rows()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[JobChangeList]:
        """Pages by key, of what an address asks for."""
        return JobChangeList

    def get_urls(self) -> list[URLPattern]:
        """One address per verb and job beside Django's own."""
        wrap: Callable[[Any], Callable[..., HttpResponse]] = self.admin_site.admin_view
        return [
            path("<uuid:job_id>/do/<slug:name>/", wrap(partial(operate_on_one, self)), name="jobqueue_job_do"),
            path("playbook/", wrap(partial(playbook.show, self)), name="jobqueue_playbook"),
            path("bulk/<slug:verb>/", wrap(partial(on_matching, self)), name="jobqueue_job_bulk"),
            path("clear/", wrap(partial(clear, self)), name="jobqueue_job_clear"),
            path("failures/", wrap(partial(show_failures, self)), name="jobqueue_job_failures"),
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
            listed: JobChangeList = response.context_data["cl"]
            response.context_data["rows"] = [(job, offers(job, request)) for job in listed.result_list]
            response.context_data |= {
                "chips": chips(listed.asked),
                "offers_for_all": offers_for_all(request, listed),
                "all_query": urlencode(listed.asked.params),
            }
            if is_htmx(request):
                response.template_name = "jobqueue/jobs/list_live.html"
            else:
                response.context_data |= quick.panel(request) | _filters(listed)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The job's page, to read."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return show(self, request, object_id)


def _top(request: HttpRequest) -> dict[str, Any]:
    by_status = counts.by_status()
    tiles = [(status.value, status.label, EMOJI[status], by_status[status]) for status in Status]
    return {
        "tiles": tiles,
        "total": counts.total(by_status),
        "processing": automatic_processing(counts.waiting(by_status)),
        "glance": glance(),
        "bulk_operations": active(),
        "may_operate": may_operate(request),
        "may_delete": may_delete(request),
        "may_see_workers": may_operate(request) or request.user.has_perm("jobqueue.view_worker"),
        "chosen_status": request.GET.get("status", ""),
    }


def _filters(listed: JobChangeList) -> dict[str, Any]:
    params = listed.asked.params
    return {"main_choices": main_choices(params), "more_choices": more_choices(params), "search_help": HELP}
