"""The page that shows the playbook."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from jobqueue.admin.screens import may_operate
from jobqueue.playbook.file import UnreadablePlaybookError, has_playbook, playbook

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

_CSS = forms.Media(css={"all": ["jobqueue/playbook.css"]})


def may_read(request: HttpRequest) -> bool:
    """Whether this person has anything to do with the queue."""
    return request.user.has_module_perms("jobqueue") or may_operate(request)


def show(screen: "Screen", request: HttpRequest) -> HttpResponse:
    """The playbook, or why it cannot be shown.

    Raises:
        PermissionDenied: nothing to do with the queue.
        Http404: the project has none.
    """
    if not may_read(request):
        raise PermissionDenied
    if not has_playbook():
        raise Http404('This project has no playbook: its setting JOB_QUEUE["PLAYBOOK"] names none.')
    context: dict[str, Any] = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": "Playbook",
        "media": screen.media + _CSS,
    }
    try:
        context["playbook"] = playbook()
    except UnreadablePlaybookError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "jobqueue/playbook/page.html", context)
