"""The pages on which people make and edit schedules, and the parts of them that answer while somebody types."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from jobqueue.admin.schedules import job_panel
from jobqueue.admin.schedules.facts import facts_of
from jobqueue.admin.schedules.form import ScheduleForm
from jobqueue.admin.schedules.job_panel import StoredJob
from jobqueue.admin.schedules.preview import preview_of, preview_typed
from jobqueue.admin.screens import Screen
from jobqueue.models import Schedule

_STORED = "schedule"
_POLICIES = ("missed", "missed_window", "missed_cap", "overlap", "jitter", "grace")


class ScheduleEditor(Screen):
    """The form of one schedule; who may only look sees its values instead."""

    form = ScheduleForm
    change_form_template = "jobqueue/schedules/form.html"
    fieldsets = [
        (None, {"fields": ["name", "is_active", "notes"]}),
        ("When", {"fields": ["kind", "expression", "interval", "timezone", "starts_at", "ends_at"]}),
        ("What", {"fields": ["task_type", "payload", "scope", "queue", "priority", "max_attempts"]}),
        ("Policies", {"fields": _POLICIES}),
    ]

    class Media:
        css = {"all": ["jobqueue/schedule_form.css"]}

    def get_urls(self) -> list[URLPattern]:
        """What answers while somebody types, beside Django's own pages."""
        wrap: Callable[[Any], Any] = self.admin_site.admin_view
        return [
            path("preview/", wrap(self._preview), name="jobqueue_schedule_preview"),
            path("payload-fields/", wrap(self._payload_fields), name="jobqueue_schedule_payload_fields"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form with its panel and the next runs, or what is stored."""
        form = context["adminform"].form
        schedule = form.instance
        stored = schedule if schedule.pk else None
        may_edit = self.has_change_permission(request) if stored else self.has_add_permission(request)
        context |= {
            "may_edit": may_edit,
            "panel": form.panel,
            "are_policies_wrong": bool(form.errors.keys() & set(_POLICIES)),
            "facts": [] if may_edit else facts_of(schedule),
            "preview": preview_typed(form.data, stored) if form.is_bound else preview_of(_prefilled(form)),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _preview(self, request: HttpRequest) -> HttpResponse:
        """The next runs at times that are being typed."""
        context = {"preview": preview_typed(request.GET, self._edited(request, request.GET)), "may_edit": True}
        return TemplateResponse(request, "jobqueue/schedules/preview.html", context)

    def _payload_fields(self, request: HttpRequest) -> HttpResponse:
        """The fields of a task type. Values may come by POST, as they can be long or secret; nothing is stored."""
        data = request.POST if request.method == "POST" else request.GET
        schedule = self._edited(request, data)
        stored = (
            StoredJob(task_type=schedule.task_type, payload=schedule.payload, scope=schedule.scope)
            if schedule
            else StoredJob()
        )
        return TemplateResponse(request, "jobqueue/schedules/job.html", {"panel": job_panel.anew(data, stored)})

    def _edited(self, request: HttpRequest, data: Mapping[str, Any]) -> Schedule | None:
        """The schedule whose page asks; None on the page of a new one.

        Raises:
            PermissionDenied: the person may not see it.
        """
        key = data.get(_STORED, "")
        may_see = self.has_view_permission(request) if key else self.has_add_permission(request)
        if not may_see and not self.has_view_permission(request):
            raise PermissionDenied
        return Schedule.objects.filter(pk=key).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None


def _prefilled(form: ScheduleForm) -> Schedule:
    """The form's schedule; a new one with the times that it is filled in with."""
    schedule = form.instance
    if not schedule.pk:
        for name in ("kind", "expression", "timezone"):
            setattr(schedule, name, str(form.initial.get(name) or getattr(schedule, name)))
        if isinstance(interval := form.initial.get("interval"), timedelta):
            schedule.interval = interval
    return schedule
