"""Operations on many jobs: the list of them, and the page of each with its numbers, live, and with stop and undo."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from jobqueue import bulk
from jobqueue.admin.bulk.ask import may, page
from jobqueue.admin.bulk.facts import facts
from jobqueue.admin.dialogs import go, is_htmx
from jobqueue.admin.keyset import CappedPaginator, KeyChangeList
from jobqueue.admin.refusals import deny
from jobqueue.admin.screens import ReadOnlyScreen
from jobqueue.audit import Actor
from jobqueue.bulk import BulkOperation, BulkVerb
from jobqueue.bulk.background import OBJECT_TYPE
from jobqueue.exceptions import NotUndoableError
from jobqueue.models.audit_entry import Action


@admin.register(BulkOperation)
class BulkOperationAdmin(ReadOnlyScreen):
    """They are begun from the job list."""

    class Media:
        css = {"all": ["jobqueue/job_list.css"]}

    change_list_template = "jobqueue/bulk/list.html"
    show_full_result_count = False
    paginator = CappedPaginator
    list_display = ["__str__"]
    list_display_links = None
    ordering = ["-id"]
    list_select_related = ["created_by"]

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Who may look at jobs may see what was done to them."""
        return super().has_view_permission(request, obj) or request.user.has_perm("jobqueue.view_job")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeyChangeList]:
        """Pages by key."""
        return KeyChangeList

    def get_urls(self) -> list[URLPattern]:
        """The two verbs beside Django's own pages."""
        stop: Callable[..., HttpResponse] = self.admin_site.admin_view(self._stop)
        undo: Callable[..., HttpResponse] = self.admin_site.admin_view(self._undo)
        return [
            path("<uuid:pk>/stop/", stop, name="jobqueue_bulkoperation_stop"),
            path("<uuid:pk>/undo/", undo, name="jobqueue_bulkoperation_undo"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The newest first."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            assert response.context_data is not None  # noqa: S101  just looked
            response.context_data["rows"] = [facts(one) for one in response.context_data["cl"].result_list]
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One operation; for its own refresh only what lives."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        operation = _find(object_id)
        if operation is None:
            messages.warning(request, f"There is no bulk operation {object_id} (any more).")
            return HttpResponseRedirect(reverse("admin:jobqueue_bulkoperation_changelist"))
        context: dict[str, Any] = {
            "operation": operation,
            "facts": facts(operation),
            "may_act": may(request, BulkVerb(operation.verb)),
        }
        if is_htmx(request):
            return TemplateResponse(request, "jobqueue/bulk/page_live.html", context)
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": operation,
            "title": f"{operation.get_verb_display()} {operation.matched:,} jobs",
            "media": self.media,
        }
        return TemplateResponse(request, "jobqueue/bulk/page.html", context)

    def _stop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """POST ends it after the batch that it is in."""
        operation = self._chosen(request, pk, Action.BULK_STOP)
        if isinstance(operation, HttpResponse):
            return operation
        stopped = bulk.stop(operation, Actor.of_request(request))
        messages.warning(request, f"Stopped: {bulk.summary(stopped)}.")
        return go(request, page(operation))

    def _undo(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """POST gives its jobs back what they were, unless something happened to them since."""
        operation = self._chosen(request, pk, Action.BULK_UNDO)
        if isinstance(operation, HttpResponse):
            return operation
        try:
            undone = bulk.undo(operation, Actor.of_request(request))
        except NotUndoableError as refusal:
            messages.error(request, f"Nothing is undone. {refusal}")
        else:
            if undone.job is None:
                operation.refresh_from_db()
                messages.success(request, f"Undone: {bulk.summary(operation)}.")
        return go(request, page(operation))

    def _chosen(self, request: HttpRequest, pk: UUID, action: Action) -> BulkOperation | HttpResponse:
        """The operation, if this is a POST of somebody who may."""
        operation = BulkOperation.objects.filter(pk=pk).first()
        if not may(request, BulkVerb(operation.verb if operation else BulkVerb.DELETE)):
            deny(request, action, OBJECT_TYPE, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return operation or get_object_or_404(BulkOperation, pk=pk)


def _find(text: str) -> BulkOperation | None:
    try:
        key = UUID(text)
    except ValueError:
        return None
    return BulkOperation.objects.select_related("created_by").filter(pk=key).first()
