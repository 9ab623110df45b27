"""Cron Health: the cycles that came by crontab, HTTP or hand, each with how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse

from jobqueue.admin.keyset import CappedPaginator, KeyChangeList
from jobqueue.admin.screens import ReadOnlyScreen
from jobqueue.models import WorkerCycle
from jobqueue.models.worker_cycle import CycleSource, CycleStatus
from jobqueue.templatetags.jobqueue_cycles import COLOURS

MOST_RECENT = 10

# Per source the latest, and sums over what came in a day, by index.
_SOURCES = """
SELECT asked.source, latest.id, lately.cycles, lately.processed, lately.failed
FROM unnest(%(sources)s::text[]) WITH ORDINALITY AS asked (source, place)
LEFT JOIN LATERAL (
    SELECT id FROM jobqueue_workercycle AS cycle WHERE cycle.source = asked.source ORDER BY id DESC LIMIT 1
) AS latest ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS cycles, coalesce(sum(near.processed), 0)::bigint AS processed,
           count(*) FILTER (WHERE near.status = 'failed') AS failed
    FROM (SELECT processed, status FROM jobqueue_workercycle AS cycle
          WHERE cycle.source = asked.source AND cycle.started_at > statement_timestamp() - interval '1 day'
          ORDER BY cycle.id DESC LIMIT 2000) AS near
) AS lately
ORDER BY asked.place
"""


@dataclass(frozen=True, kw_only=True)
class SourceSummary:
    """The cycles of one source."""

    source: CycleSource
    latest: WorkerCycle | None
    cycles: int
    """In the last day; the next ones, too."""
    processed: int
    failed: int
    """Cycles that ended by a defect."""

    @property
    def colour(self) -> str:
        """Of its latest cycle."""
        return COLOURS[CycleStatus(self.latest.status)] if self.latest else "skipped"


def sources() -> Sequence[SourceSummary]:
    """One summary for each, by two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, {"sources": CycleSource.values})
        rows = cursor.fetchall()
    latest = WorkerCycle.objects.in_bulk([row[1] for row in rows if row[1]])
    return [
        SourceSummary(
            source=CycleSource(source), latest=latest.get(id_), cycles=cycles, processed=processed, failed=failed
        )
        for source, id_, cycles, processed, failed in rows
    ]


def recent() -> Sequence[WorkerCycle]:
    """The latest of all sources."""
    return list(WorkerCycle.objects.defer("results")[:MOST_RECENT])


class SourceFilter(admin.SimpleListFilter):
    """By who asked."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The sources."""
        return list(CycleSource.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkerCycle]) -> QuerySet[WorkerCycle]:
        """Those of the chosen source."""
        return queryset.filter(source=self.value()) if self.value() else queryset


class ResultFilter(admin.SimpleListFilter):
    """By how it went."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states."""
        return list(CycleStatus.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkerCycle]) -> QuerySet[WorkerCycle]:
        """Those in the chosen state."""
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(WorkerCycle)
class WorkerCycleAdmin(ReadOnlyScreen):
    """All cycles that are remembered. The processes that work write their rows themselves."""

    change_list_template = "jobqueue/workers/cycle_list.html"
    list_display = ["__str__"]
    list_filter = [SourceFilter, ResultFilter]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_max_show_all = 0
    paginator = CappedPaginator
    ordering = ["-id"]
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeyChangeList]:
        """Pages by key."""
        return KeyChangeList

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Who may see the workers may see what they did."""
        return super().has_view_permission(request, obj) or request.user.has_perm("jobqueue.view_worker")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkerCycle]:
        """Without the jobs' results, which only the page of one shows."""
        return super().get_queryset(request).defer("results")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of one cycle, to read."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        cycle = self.get_object(request, object_id)
        if cycle is None:
            raise Http404("That cycle is not remembered any more.")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(cycle),
            "cycle": cycle,
            "media": self.media,
        }
        return TemplateResponse(request, "jobqueue/workers/cycle_page.html", context)
