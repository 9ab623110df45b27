"""Retry, cancel or delete everything that a filter or a tick chose: GET shows the exact numbers, POST does it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from jobqueue import bulk
from jobqueue.admin.dialogs import came_from, go, is_htmx
from jobqueue.admin.jobs.query import ListQuery, read
from jobqueue.admin.refusals import deny
from jobqueue.admin.screens import may_delete, may_operate
from jobqueue.audit import Actor
from jobqueue.bulk import BulkOperation, BulkVerb, Selection
from jobqueue.bulk.background import OBJECT_TYPE
from jobqueue.exceptions import InvalidSelectionError
from jobqueue.models.audit_entry import Action
from jobqueue.states import Status

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

_LONGEST_REASON = 500
_MOST_GROUPS = 12


def may(request: HttpRequest, verb: BulkVerb) -> bool:
    """Whether this person may do that to jobs."""
    return may_delete(request) if verb == BulkVerb.DELETE else may_operate(request)


def on_matching(screen: "Screen", request: HttpRequest, verb: str) -> HttpResponse:
    """Everything that the list's filter holds.

    Raises:
        PermissionDenied: may not do that.
        Http404: no such verb.
    """
    wanted = _verb(verb)
    if not may(request, wanted):
        deny(request, Action[f"BULK_{wanted.name}"], OBJECT_TYPE)
    try:
        if request.method == "POST":
            return _begin(request, wanted)
        return ask(screen, request, wanted, _selection(read(request.GET)))
    except InvalidSelectionError as problem:
        messages.error(request, f"0 jobs changed: {problem}")
        return go(request, came_from(request, _list()))


def ask(
    screen: "Screen",
    request: HttpRequest,
    verb: BulkVerb,
    selection: Selection,
    clearing: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The question; its answer is posted to `on_matching`.

    Args:
        clearing: what else the question lets choose, see `clear.py`.
    """
    preview = bulk.preview(verb, selection)
    context: dict[str, Any] = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "media": screen.media,
        "title": f"{verb.label} {preview.eligible:,} {'job' if preview.eligible == 1 else 'jobs'}?",
        "verb": verb,
        "preview": preview,
        "groups": preview.groups[:_MOST_GROUPS],
        "other_groups": len(preview.groups[_MOST_GROUPS:]),
        "others": sum(group.count for group in preview.groups[_MOST_GROUPS:]),
        "again": sum(group.count for group in preview.groups if group.status == Status.SUCCEEDED),
        "is_large": preview.matched > bulk.BATCH,
        "selection": json.dumps(selection.to_json()),
        "action": reverse("admin:jobqueue_job_bulk", args=[verb.value]),
        "next": came_from(request, _list()),
        "clearing": clearing,
    }
    name = "ask_dialog" if is_htmx(request) else "ask_page"
    return TemplateResponse(request, f"jobqueue/bulk/{name}.html", context)


def begin(request: HttpRequest, verb: BulkVerb, selection: Selection, reason: str = "") -> BulkOperation:
    """Do it, and tell how far that is."""
    operation = bulk.begin(verb, selection, Actor.of_request(request), reason=reason)
    told = bulk.summary(operation)
    if operation.job_id is None:
        did_all = not operation.skipped and bool(operation.done or operation.requested)
        level = messages.SUCCESS if did_all else messages.WARNING
        said = format_html('{} <a href="{}" class="underline">{}</a>', told, page(operation), _offers(operation))
        messages.add_message(request, level, said if operation.done else told)
    return operation


def page(operation: BulkOperation) -> str:
    """Its own."""
    return reverse("admin:jobqueue_bulkoperation_change", args=[operation.pk])


def _begin(request: HttpRequest, verb: BulkVerb) -> HttpResponse:
    selection = Selection.from_json(_posted(request.POST.get("selection", "")))
    operation = begin(request, verb, selection, request.POST.get("reason", "").strip()[:_LONGEST_REASON])
    return go(request, came_from(request, _list()) if operation.job_id is None else page(operation))


def _posted(text: str) -> Mapping[str, Any]:
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise InvalidSelectionError("the question was not posted whole. Ask again from the list.")
    return given


def _selection(asked: ListQuery) -> Selection:
    if asked.problem:
        raise InvalidSelectionError(asked.problem)
    if asked.text:
        raise InvalidSelectionError("a search by text chooses no jobs to act on. Use filters, or tick the rows.")
    return Selection.of(asked.jobs)


def _verb(name: str) -> BulkVerb:
    try:
        return BulkVerb(name)
    except ValueError:
        raise Http404(f"Unknown operation {name!r}.") from None


def _offers(operation: BulkOperation) -> str:
    return "Details" if operation.verb == BulkVerb.DELETE else "Details, undo"


def _list() -> str:
    return reverse("admin:jobqueue_job_changelist")
