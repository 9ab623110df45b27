"""The audit log, to read: who did what, before and after, and whether the chain is whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from jobqueue.admin.audit.changes import rows
from jobqueue.admin.audit.filters import OBJECT_TYPES, ActionFilter, ObjectFilter, PersonFilter, WhenFilter
from jobqueue.admin.keyset import CappedPaginator, KeyChangeList
from jobqueue.admin.screens import ReadOnlyScreen
from jobqueue.audit import verify
from jobqueue.models import AuditEntry

MOST_VERIFIED = 100_000


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyScreen):
    """Entries are written by what they record, and the database refuses everything else."""

    change_list_template = "jobqueue/audit/list.html"
    list_display = ["__str__"]
    list_max_show_all = 0
    show_full_result_count = False
    paginator = CappedPaginator
    ordering = ["-number"]
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    list_filter = [ActionFilter, PersonFilter, ObjectFilter, "channel", WhenFilter]
    search_fields = ["object_id"]
    search_help_text = "The whole id of a job or schedule, or the number of an entry"
    fields = [
        "number", "at", "actor", "channel", "address", "action", "object_type", "object_id", "object_label", "before",
        "after", "reason", "is_refused", "previous_hash", "hash",
    ]  # fmt: skip

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeyChangeList]:
        """Pages by key."""
        return KeyChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """By whole values, for which there are indexes."""
        term = search_term.strip()
        if not term:
            return queryset, False
        # The index begins with the object's type.
        wanted = Q(object_type__in=list(OBJECT_TYPES), object_id=term.lower())
        return queryset.filter(wanted | Q(number=term) if term.isascii() and term.isdigit() else wanted), False

    def get_urls(self) -> list[URLPattern]:
        """The verification beside Django's own pages."""
        check: Callable[..., HttpResponse] = self.admin_site.admin_view(self._verify)
        return [path("verify/", check, name="jobqueue_auditentry_verify"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list with each entry's changes."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            assert response.context_data is not None  # noqa: S101  just looked
            response.context_data["rows"] = rows(response.context_data["cl"].result_list)
        return response

    def _verify(self, request: HttpRequest) -> HttpResponse:
        """By POST, for it reads the log from its beginning; a very long one only so far."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        verdict = verify(most=MOST_VERIFIED)
        if verdict.first_problem:
            messages.error(request, f"The log is broken. {verdict.first_problem.sentence}")
        elif verdict.entries == MOST_VERIFIED:
            rest = "manage.py verify_audit_log checks the rest"
            messages.success(request, f"The first {verdict.entries:,} entries are intact; {rest}.")
        else:
            messages.success(request, f"All {verdict.entries:,} entries are intact. Head: {verdict.head}")
        return HttpResponseRedirect(reverse("admin:jobqueue_auditentry_changelist"))
