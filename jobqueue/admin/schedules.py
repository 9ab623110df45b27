"""The schedules: list, form with a preview of the next times, and the last occurrences."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from jobqueue import operations
from jobqueue.admin import schedule_verbs
from jobqueue.admin.refusals import deny
from jobqueue.admin.schedule_form import ScheduleForm
from jobqueue.admin.schedule_preview import in_words, preview
from jobqueue.admin.screens import Screen, may_operate
from jobqueue.audit import Actor
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.audit_entry import Action
from jobqueue.operations.schedules import SCHEDULE

MOST_OCCURRENCES = 20


@admin.register(Schedule)
class ScheduleAdmin(Screen):
    """Schedules are the one thing here that a form edits."""

    form = ScheduleForm
    change_list_template = "jobqueue/schedule_list.html"
    change_form_template = "jobqueue/schedule_form.html"
    list_display = ["name"]
    sortable_by = ()
    search_fields = ["name", "task_type"]
    list_filter = ["is_active"]
    fieldsets = [
        (None, {"fields": ["name", "task_type", "payload", "is_active"]}),
        ("How", {"fields": ["queue", "priority", "max_attempts", "notes"]}),
        ("When", {"fields": ["expression", "timezone"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:
        """With each one's latest occurrence and how its job fares."""
        latest = Occurrence.objects.filter(schedule=OuterRef("pk")).order_by("-scheduled_at")
        job = Job.objects.filter(pk=OuterRef("last_job"))
        return Schedule.objects.annotate(
            last_at=Subquery(latest.values("scheduled_at")[:1]),
            last_job=Subquery(latest.values("job_id")[:1]),
        ).annotate(last_status=Subquery(job.values("status")[:1]))

    def get_urls(self) -> list[URLPattern]:
        """Preview and the two verbs beside Django's own pages."""
        wrap: Callable[[Any], Any] = self.admin_site.admin_view
        return [
            path("preview/", wrap(self._preview), name="jobqueue_schedule_preview"),
            path("<int:pk>/run/", wrap(schedule_verbs.run), name="jobqueue_schedule_run"),
            path("<int:pk>/switch/", wrap(schedule_verbs.switch), name="jobqueue_schedule_switch"),
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

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form; Django turns away who may not, and this records it."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            deny(request, Action.SCHEDULE_EDIT if object_id else Action.SCHEDULE_CREATE, SCHEDULE, object_id or "")

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """As `changeform_view`, for the question before deleting."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except PermissionDenied:
            deny(request, Action.SCHEDULE_DELETE, SCHEDULE, object_id)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with each expression in words."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            assert response.context_data is not None  # noqa: S101  just looked
            schedules = response.context_data["cl"].result_list
            response.context_data |= {
                "rows": [(schedule, in_words(schedule.expression)) for schedule in schedules],
                "may_operate": may_operate(request),
                "may_change": self.has_change_permission(request),
            }
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form with the next times and the last occurrences."""
        form = context["adminform"].form
        schedule = form.instance
        bound = form.data if form.is_bound else {}
        context |= {
            "preview": preview(bound.get("expression", schedule.expression), bound.get("timezone", schedule.timezone)),
            "is_blank": not (bound.get("expression") or schedule.expression),
            "occurrences": _occurrences(schedule),
            "may_operate": may_operate(request),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _preview(self, request: HttpRequest) -> HttpResponse:
        """The next times of an expression that is being typed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        expression = request.GET.get("expression", "")
        shown = preview(expression, request.GET.get("timezone", "UTC"))
        context = {"preview": shown, "is_blank": not expression}
        return TemplateResponse(request, "jobqueue/schedule_preview.html", context)


def _occurrences(schedule: Schedule) -> list[Occurrence]:
    if not schedule.pk:
        return []
    shown = Occurrence.objects.filter(schedule=schedule).select_related("job").order_by("-scheduled_at")
    return list(shown.defer("job__payload", "job__result", "job__checkpoint")[:MOST_OCCURRENCES])
