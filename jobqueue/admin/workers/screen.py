"""The workers: who runs jobs, who sleeps, and who has not been heard of."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from jobqueue.admin.dialogs import is_htmx
from jobqueue.admin.screens import ReadOnlyScreen
from jobqueue.conf import conf
from jobqueue.durations import say_duration
from jobqueue.models import Job, Worker


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """What a worker is doing, with the colour that the job states give it."""

    label: str
    colour: str


def state_of(worker: Worker) -> WorkerState:
    """From its marks and its last beat."""
    silence = timezone.now() - worker.beat_at
    if worker.stopped_at:
        return WorkerState(label="Stopped", colour="cancelled")
    if worker.lost_at:
        return WorkerState(label="Lost", colour="dead")
    if silence > timedelta(seconds=conf().LOST_AFTER_SECONDS):
        return WorkerState(label=f"No beat for {say_duration(silence)}", colour="failed")
    if worker.is_sleeping:
        return WorkerState(label="Sleeping", colour="pending")
    return WorkerState(label="Running", colour="succeeded")


@admin.register(Worker)
class WorkerAdmin(ReadOnlyScreen):
    """Workers write their rows themselves."""

    change_list_template = "jobqueue/workers/list.html"
    list_display = ["__str__"]
    list_display_links = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        """With the number of jobs that each runs now."""
        mine = Job.objects.running().filter(worker=OuterRef("pk")).order_by().values("worker")
        running = Subquery(mine.annotate(number=Count("pk")).values("number"), output_field=IntegerField())
        return Worker.objects.annotate(running=Coalesce(running, 0)).order_by("-started_at")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The whole page, or for its own refresh the rows."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            workers = response.context_data["cl"].result_list
            response.context_data["rows"] = [(worker, state_of(worker)) for worker in workers]
            if is_htmx(request):
                response.template_name = "jobqueue/workers/list_live.html"
        return response
