"""The audit log, to read: who did what, before and after, and whether the chain is whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from jobqueue import operations
from jobqueue.admin.audit import chain, export, page
from jobqueue.admin.audit.changelist import AuditChangeList
from jobqueue.admin.audit.changes import rows
from jobqueue.admin.audit.choices import choices
from jobqueue.admin.keyset import CappedPaginator
from jobqueue.admin.refusals import deny
from jobqueue.admin.screens import ReadOnlyScreen
from jobqueue.audit import Actor
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Action
from jobqueue.operations.audit_log import AUDIT_LOG

MOST_VERIFIED = 100_000


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyScreen):
    """Entries are written by what they record, and the database refuses everything else."""

    change_list_template = "jobqueue/audit/list.html"
    list_before_template = "jobqueue/audit/top.html"
    list_display = ["__str__"]
    list_max_show_all = 0
    show_full_result_count = False
    paginator = CappedPaginator
    ordering = ["-number"]
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table

    class Media:
        css = {"all": ["jobqueue/audit.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AuditChangeList]:
        """Pages by key."""
        return AuditChangeList

    def get_urls(self) -> list[URLPattern]:
        """The verification and the export beside Django's own pages."""
        wrap: Callable[[Any], Any] = self.admin_site.admin_view
        return [
            path("verify/", wrap(self._verify), name="jobqueue_auditentry_verify"),
            path("export/", wrap(self._export), name="jobqueue_auditentry_export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list with each entry's changes, its filters, and how far the chain is known to be whole."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            assert response.context_data is not None  # noqa: S101  just looked
            shown = response.context_data["cl"]
            response.context_data |= {
                "rows": rows(shown.result_list),
                "choices": choices(shown.asked),
                "asked": shown.asked,
                "chain": chain.latest(),
            }
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The entry's page, to read."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return page.show(self, request, object_id)

    def _export(self, request: HttpRequest) -> Any:
        if not self.has_view_permission(request):
            deny(request, Action.AUDIT_EXPORT, AUDIT_LOG)
        return export.export(request)

    def _verify(self, request: HttpRequest) -> HttpResponse:
        """By POST, for it reads the log from its beginning; a very long one only so far."""
        if not self.has_view_permission(request):
            deny(request, Action.AUDIT_VERIFY, AUDIT_LOG)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        verdict = operations.verify_log(Actor.of_request(request), most=MOST_VERIFIED)
        if verdict.first_problem:
            messages.error(request, f"The log is broken. {verdict.first_problem.sentence}")
        elif verdict.entries == MOST_VERIFIED:
            rest = "manage.py verify_audit_log checks the rest"
            messages.success(request, f"The first {verdict.entries:,} entries are intact; {rest}.")
        else:
            messages.success(request, f"All {verdict.entries:,} entries are intact. Head: {verdict.head}")
        return HttpResponseRedirect(reverse("admin:jobqueue_auditentry_changelist"))
