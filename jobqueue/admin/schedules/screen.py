"""The schedules: list, form with a preview of the next times, and their history."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from jobqueue import operations
from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.name_pages import NameChangeList
from jobqueue.admin.ordered_pages import OrderedPaginator
from jobqueue.admin.refusals import deny
from jobqueue.admin.schedules import rows, runs, templates, verbs
from jobqueue.admin.schedules.copy import values_like
from jobqueue.admin.schedules.editor import ScheduleEditor
from jobqueue.admin.schedules.filters import list_filters, search
from jobqueue.admin.screens import may_operate
from jobqueue.audit import Actor
from jobqueue.models import Schedule
from jobqueue.models.audit_entry import Action
from jobqueue.occurrences import Run, history
from jobqueue.operations.schedules import SCHEDULE
from jobqueue.registry import registry

MOST_RUNS_OF_FORM = 20


@admin.register(Schedule)
class ScheduleAdmin(ScheduleEditor):
    """Schedules are the one thing here that a form edits."""

    change_list_template = "jobqueue/schedules/list.html"
    list_before_template = "jobqueue/schedules/list_top.html"
    show_add_link = False  # "Create scheduled job" above the list is it
    list_after_template = "jobqueue/schedules/list_recent.html"
    list_display = ["name"]
    list_max_show_all = 0
    show_full_result_count = False
    paginator = OrderedPaginator
    page_keys = ("name",)
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["name"]
    search_help_text = "Name or task type"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NameChangeList]:
        """Pages by name."""
        return NameChangeList

    def get_list_filter(self, request: HttpRequest) -> Any:
        """See `schedule_filters`."""
        return list_filters()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Schedule], search_term: str
    ) -> tuple[QuerySet[Schedule], bool]:
        """See `schedule_filters`."""
        term = search_term.strip()
        return (search(queryset, term) if term else queryset), False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """As `?copy=` says: what another schedule has."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return {**given, **values_like(request.GET.get("copy", ""))}

    def get_urls(self) -> list[URLPattern]:
        """Runs and the verbs beside the form and its parts."""
        wrap: Callable[[Any], Any] = self.admin_site.admin_view
        return [
            *templates.urls(self),
            path("history/", wrap(self._history_of_all), name="jobqueue_schedule_runs"),
            path("history/<int:occurrence>/", wrap(self._one_run), name="jobqueue_schedule_one_run"),
            path("<int:pk>/run/", wrap(verbs.run), name="jobqueue_schedule_run"),
            path("<int:pk>/switch/", wrap(verbs.switch), name="jobqueue_schedule_switch"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        """By the operation, which records it."""
        operations.save_schedule(obj, Actor.of_request(request))

    def delete_model(self, request: HttpRequest, obj: Schedule) -> None:
        """One, from its page."""
        operations.delete_schedule(obj, Actor.of_request(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """The ticked ones."""
        for schedule in queryset:
            operations.delete_schedule(schedule, Actor.of_request(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """The names alone: a history that goes with them may have a million rows."""
        names = [str(schedule) for schedule in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, set(), []

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form; Django turns away who may not, and this records it."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            deny(request, Action.SCHEDULE_EDIT if object_id else Action.SCHEDULE_CREATE, SCHEDULE, object_id or "")

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The question before deleting, and the deed."""
        return verbs.delete(self, request, object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the schedule did; what people did to it is in the audit log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return runs.show_history(self, request, verbs.found(object_id))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The whole page, or for its own refresh the part that lives."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            assert response.context_data is not None  # noqa: S101  just looked
            response.context_data |= rows.surroundings(request) | {
                "rows": rows.rows(response.context_data["cl"].result_list),
                "may_operate": may_operate(request),
                "may_change": self.has_change_permission(request),
                "may_add": self.has_add_permission(request),
                "may_delete": self.has_delete_permission(request),
            }
            if is_htmx(request):
                response.template_name = "jobqueue/schedules/list_live.html"
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form with the next times and the last runs."""
        form = context["adminform"].form
        context |= {
            "runs": _runs(form.instance),
            "has_handler": form.instance.task_type in registry,
            "may_operate": may_operate(request),
            "may_see_jobs": runs.may_see_jobs(request),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _history_of_all(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return runs.show_history(self, request)

    def _one_run(self, request: HttpRequest, occurrence: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return runs.show_run(self, request, occurrence)


def _runs(schedule: Schedule) -> list[Run]:
    return history(schedule, limit=MOST_RUNS_OF_FORM) if schedule.pk else []
