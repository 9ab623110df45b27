"""The page of one entry: who, what, before and after in full, and its place in the chain."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from jobqueue.admin.audit.changes import all_changes, page_of
from jobqueue.admin.audit.choices import say_action, say_object
from jobqueue.models import AuditEntry

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

_LARGEST = 2**63 - 1


def show(screen: "Screen", request: HttpRequest, object_id: str) -> HttpResponse:
    """One entry.

    Raises:
        PermissionDenied: may not see the log.
    """
    if not screen.has_view_permission(request):
        raise PermissionDenied
    is_number = object_id.isascii() and object_id.isdecimal() and int(object_id) <= _LARGEST
    entry = AuditEntry.objects.filter(pk=object_id).first() if is_number else None
    if entry is None:
        messages.warning(request, f"There is no entry {object_id[:20]}.")
        return HttpResponseRedirect(reverse("admin:jobqueue_auditentry_changelist"))
    around = AuditEntry.objects.filter(number__in=(entry.number - 1, entry.number + 1))
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "original": entry,
        "title": f"Entry {entry.number}",
        "media": screen.media,
        "entry": entry,
        "action": say_action(entry.action),
        "object_type": say_object(entry.object_type),
        "url": page_of(entry),
        "changes": all_changes(entry.before, entry.after),
        "around": sorted(around.values_list("number", flat=True)),
    }
    return TemplateResponse(request, "jobqueue/audit/page.html", context)
