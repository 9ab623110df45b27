"""Workers & Health: who runs jobs, what came by crontab or request, and how the database fares."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from jobqueue import health, throughput
from jobqueue.admin.dashboard import page as dashboard
from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.screens import ReadOnlyScreen
from jobqueue.admin.workers import cycles
from jobqueue.admin.workers.rows import state_of, with_running
from jobqueue.admin.workers.run import run_worker
from jobqueue.database import database_facts
from jobqueue.models import Worker
from jobqueue.throughput import SPANS

_LABELS = {
    "database": "Database",
    "worker": "Workers",
    "workerLastPing": "Last beat",
    "processing": "Processing",
    "pendingJobs": "Pending jobs",
    "runningJobs": "Running jobs",
    "failedJobs": "Failed jobs",
    "deadJobs": "Dead jobs",
    "oldestPendingJob": "Oldest waiting",
    "overdueJobs": "Overdue pending",
    "stuckJobs": "Stuck running",
    "scheduler": "Schedules",
    "schedulerLastTick": "Last tick",
}


@admin.register(Worker)
class WorkerAdmin(ReadOnlyScreen):
    """Workers write their rows themselves."""

    change_list_template = "jobqueue/workers/list.html"
    list_display = ["__str__"]
    list_display_links = None
    list_per_page = 25

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        """With the number of jobs that each runs now; those that live first, then those that were lost."""
        ended = (F("stopped_at").desc(nulls_first=True), F("lost_at").desc(nulls_first=True))
        return with_running().order_by(*ended, "-started_at")

    def get_urls(self) -> list[URLPattern]:
        """The button "Run Worker" and the live part of the dashboard beside Django's own pages."""
        run: Callable[..., HttpResponse] = self.admin_site.admin_view(self._run)
        live: Callable[..., HttpResponse] = self.admin_site.admin_view(dashboard.fragment)
        return [
            path("run/", run, name="jobqueue_worker_run"),
            path("dashboard/", live, name="jobqueue_dashboard"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The whole page, or for its own refresh the part that lives."""
        response = super().changelist_view(request, {"title": "Workers & Health", **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            workers = response.context_data["cl"].result_list
            response.context_data |= {"rows": [(worker, state_of(worker)) for worker in workers], **_health()}
            if is_htmx(request):
                response.template_name = "jobqueue/workers/health.html"
        return response

    def _run(self, request: HttpRequest) -> HttpResponse:
        return run_worker(self, request)


def _health() -> dict[str, Any]:
    found, last_hour = health.check(), throughput.by_type(SPANS["1h"].length)
    failed = sum(one.failed for one in last_hour)
    return {
        "health": found,
        "checks": [(_LABELS.get(name, name), check) for name, check in found.checks.items()],
        "sources": cycles.sources(),
        "cycles": cycles.recent(),
        "last_hour_runs": sum(one.runs for one in last_hour),
        "last_hour_failed": failed,
        "standing_colour": "failed" if failed else "succeeded",
        "database": database_facts(),
    }
