"""The list of sync runs, and the page of one with its failures."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gameplatform.admin.labels import NONE, run_pill
from gameplatform.admin.mirror_screen import MirrorScreen
from gameplatform.admin.runs.filters import OutcomeFilter
from gameplatform.admin.searching import uuid_of
from gameplatform.models import SyncRun
from jobqueue.api import Job
from jobqueue.screens import ago

_LARGEST_KEY = 2**63 - 1


@admin.register(SyncRun)
class SyncRunAdmin(MirrorScreen):
    """Runs are written by the sync and the totals sweep."""

    list_display = (
        "started", "what", "scope", "state", "done_of", "solves_added", "events_added", "requests_made", "took", "job",
    )  # fmt: skip
    list_filter = (OutcomeFilter, "kind", "dry_run")
    search_fields = ("job_id",)
    search_help_text = "The whole id of a job, or the user name of a coach"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncRun]:
        """With the coach's name, in the same query."""
        users = get_user_model()
        coach = users.objects.filter(pk=OuterRef("coach_id")).values(users.USERNAME_FIELD)
        return SyncRun.objects.annotate(coach_name=Subquery(coach))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SyncRun], search_term: str
    ) -> tuple[QuerySet[SyncRun], bool]:
        """By job or coach."""
        term = search_term.strip().replace("\0", "")
        if not term:
            return queryset, False
        if key := uuid_of(term):
            return queryset.filter(job_id=key), False
        named = get_user_model().objects.filter(username__icontains=term).values("pk")
        return queryset.filter(coach_id__in=named), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The run's page, to read."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        is_key = object_id.isascii() and object_id.isdecimal() and int(object_id) <= _LARGEST_KEY
        run = self.get_queryset(request).filter(pk=object_id).first() if is_key else None
        if run is None:
            messages.warning(request, "There is no such run (any more).")
            return HttpResponseRedirect(reverse("admin:gameplatform_syncrun_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": run,
            "title": str(run),
            "media": self.media,
            "run": run,
            "pill": run_pill(run),
            "what": self.what(run),
            "job": Job.objects.filter(pk=run.job_id).first() if run.job_id else None,
            "failures": _failures(run),
        }
        return TemplateResponse(request, "gameplatform/admin/run.html", context)

    @admin.display(description="Started")
    def started(self, run: SyncRun) -> SafeString:
        """When."""
        return ago(run.started_at)

    @admin.display(description="What")
    def what(self, run: SyncRun) -> SafeString:
        """Its kind, and whether it was a dry or a forced one."""
        marks = [mark for mark, is_so in (("dry run", run.dry_run), ("forced", run.forced)) if is_so]
        return format_html('{} <span class="jq-note">{}</span>', run.get_kind_display(), ", ".join(marks))

    @admin.display(description="For")
    def scope(self, run: SyncRun) -> str:
        """Whose students."""
        if run.coach_id is None:
            return "everybody"
        name: str | None = run.coach_name  # type: ignore[attr-defined]  # annotated above
        return name or f"coach {run.coach_id} (gone)"

    @admin.display(description="State")
    def state(self, run: SyncRun) -> SafeString:
        """How it went."""
        return run_pill(run)

    @admin.display(description="Accounts")
    def done_of(self, run: SyncRun) -> str:
        """Worked off, of all."""
        return f"{run.done:,} / {run.total:,}"

    @admin.display(description="Requests")
    def requests_made(self, run: SyncRun) -> str:
        """To the platform."""
        return f"{run.requests:,}"

    @admin.display(description="Took")
    def took(self, run: SyncRun) -> str:
        """Seconds from start to end, or so far."""
        return f"{run.seconds:,.2f} s"

    @admin.display(description="Job")
    def job(self, run: SyncRun) -> SafeString:
        """The job that it is or was a part of."""
        if run.job_id is None:
            return NONE
        page = reverse("admin:jobqueue_job_change", args=[run.job_id])
        return format_html('<a class="jq-id" href="{}">{}</a>', page, run.job_id.hex[-8:])


def _failures(run: SyncRun) -> list[dict[str, Any]]:
    """As the run keeps them: an account's id, the code and the message."""
    return [failure for failure in run.failures if isinstance(failure, dict)] if isinstance(run.failures, list) else []
