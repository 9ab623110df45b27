"""The page of schedule templates: which there are and what is in force; applying and undoing, first shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from jobqueue import operations
from jobqueue.admin.dialogs import go, is_htmx
from jobqueue.admin.refusals import deny
from jobqueue.audit import Actor
from jobqueue.exceptions import InvalidOptionError, JobQueueError
from jobqueue.models import TemplateApplication
from jobqueue.models.audit_entry import Action
from jobqueue.operations.template_changes import Preview, ScheduleChange, changes_by, concerned
from jobqueue.operations.templates import TEMPLATE, latest_application, preview_template, preview_undo
from jobqueue.schedule_templates import ScheduleTemplate, find_template, templates

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

_LONGEST_ZONE = 64
_CSS = forms.Media(css={"all": ["jobqueue/schedule_templates.css"]})


@dataclass(frozen=True, kw_only=True)
class Card:
    """A template on the page."""

    template: ScheduleTemplate
    changes: Sequence[ScheduleChange]

    @property
    def own(self) -> Sequence[ScheduleChange]:
        """Those of its own schedules, in its order."""
        return self.changes[: len(self.template.schedules)]

    @property
    def is_in_force(self) -> bool:
        """Whether there is nothing to do."""
        return not any(change.is_change for change in self.changes)


def urls(screen: "Screen") -> list[URLPattern]:
    """The page and its two verbs."""
    wrap: Callable[[Any], Any] = screen.admin_site.admin_view
    return [
        path("templates/", wrap(partial(show, screen)), name="jobqueue_schedule_templates"),
        path("templates/<slug:slug>/apply/", wrap(partial(apply, screen)), name="jobqueue_schedule_template_apply"),
        path("templates/undo/<int:pk>/", wrap(partial(undo, screen)), name="jobqueue_schedule_template_undo"),
    ]


def show(screen: "Screen", request: HttpRequest) -> HttpResponse:
    """All templates and the latest application.

    Raises:
        PermissionDenied: may not see schedules.
    """
    if not screen.has_view_permission(request):
        raise PermissionDenied
    known = templates()
    stored = concerned(known)
    cards = [Card(template=template, changes=changes_by(template, stored)) for template in known]
    context = {
        **_surroundings(screen, request, "Schedule templates"),
        "cards": cards,
        "is_one_in_force": any(card.is_in_force for card in cards),
        "latest": latest_application(),
        "may_change": _may_change(request),
    }
    return TemplateResponse(request, "jobqueue/schedules/templates.html", context)


def apply(screen: "Screen", request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows what would be changed, POST changes it.

    Raises:
        PermissionDenied: may not change schedules.
        Http404: there is no such template.
    """
    if not _may_change(request):
        deny(request, Action.TEMPLATE_APPLY, TEMPLATE, slug)
    template = _template(slug)
    given = request.POST if request.method == "POST" else request.GET
    zone = given.get("timezone", "").strip()[:_LONGEST_ZONE]
    if request.method == "POST":
        return _apply(request, template, zone)
    context: dict[str, Any] = {"zone": zone, "asks_zone": True, "verb": "Apply"}
    try:
        preview = preview_template(template, zone or None)
    except JobQueueError as error:
        preview = Preview(template=template.name, changes=[], problems=[str(error)])
    return _ask(screen, request, preview, f"Apply {template.name}?", context)


def undo(screen: "Screen", request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what would be put back, POST does it.

    Raises:
        PermissionDenied: may not change schedules.
        Http404: there is no such application.
    """
    if not _may_change(request):
        deny(request, Action.TEMPLATE_UNDO, TEMPLATE, pk)
    if pk >= 2**63:
        raise Http404("No template was applied under that number.")
    application = get_object_or_404(TemplateApplication, pk=pk)
    if request.method == "POST":
        return _undo(request, application)
    return _ask(screen, request, preview_undo(application), f"Undo {application}?", {"verb": "Undo"})


def _apply(request: HttpRequest, template: ScheduleTemplate, zone: str) -> HttpResponse:
    try:
        application = operations.apply_template(template, Actor.of_request(request), zone or None)
    except JobQueueError as error:
        messages.error(request, str(error))
    else:
        if application is None:
            messages.info(request, f"{template.name} is in force already: nothing was changed.")
        else:
            said = [f"{change['name']}: {change['words']}." for change in application.changes]
            messages.success(request, f"{template.name} is applied. {' '.join(said)}")
    return _back(request)


def _undo(request: HttpRequest, application: TemplateApplication) -> HttpResponse:
    try:
        changes = operations.undo_template(application, Actor.of_request(request))
    except JobQueueError as error:
        messages.error(request, str(error))
    else:
        said = [f"{change.name}: {change.words}." for change in changes]
        messages.success(request, f"{application} is undone. {' '.join(said)}")
    return _back(request)


def _ask(
    screen: "Screen", request: HttpRequest, preview: Preview, title: str, context: dict[str, Any]
) -> TemplateResponse:
    context = {**_surroundings(screen, request, title), "preview": preview, **context}
    name = "dialog" if is_htmx(request) else "page"
    return TemplateResponse(request, f"jobqueue/schedules/template_{name}.html", context)


def _surroundings(screen: "Screen", request: HttpRequest, title: str) -> dict[str, Any]:
    return {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": title,
        "media": screen.media + _CSS,
    }


def _template(slug: str) -> ScheduleTemplate:
    try:
        return find_template(slug)
    except InvalidOptionError as error:
        raise Http404(str(error)) from None


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("jobqueue.change_schedule")


def _back(request: HttpRequest) -> HttpResponse:
    return go(request, reverse("admin:jobqueue_schedule_templates"))
