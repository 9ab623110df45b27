"""The pauses, and the switch "Automatic Processing": stopping asks for a reason, resuming is one click."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from jobqueue import operations
from jobqueue.admin import counts
from jobqueue.admin.dialogs import ask, came_from, go
from jobqueue.admin.processing import history
from jobqueue.admin.processing.held import held_by
from jobqueue.admin.processing.stop_form import StopForm
from jobqueue.admin.processing.switch import automatic_processing
from jobqueue.admin.refusals import deny
from jobqueue.admin.screens import ReadOnlyScreen, may_operate, may_see_audit_log
from jobqueue.audit import Actor
from jobqueue.models import Pause
from jobqueue.models.audit_entry import Action
from jobqueue.models.pause import PauseScope
from jobqueue.operations.processing import PROCESSING


@admin.register(Pause)
class PauseAdmin(ReadOnlyScreen):
    """Pauses are made and ended by verbs."""

    change_list_template = "jobqueue/pauses/list.html"
    list_display = ["__str__"]
    list_display_links = None
    list_select_related = ["created_by"]

    def get_urls(self) -> list[URLPattern]:
        """The two verbs beside Django's own pages."""
        stop: Callable[..., HttpResponse] = self.admin_site.admin_view(self._stop)
        resume: Callable[..., HttpResponse] = self.admin_site.admin_view(self._resume)
        return [
            path("stop/", stop, name="jobqueue_pause_stop"),
            path("<int:pk>/resume/", resume, name="jobqueue_pause_resume"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under the switch."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            waiting = counts.waiting(counts.by_status())
            may_look_back = may_see_audit_log(request)
            response.context_data |= {
                "held": held_by(response.context_data["cl"].result_list, waiting),
                "may_see_audit_log": may_look_back,
                "history": history.latest() if may_look_back else [],
                "processing": automatic_processing(waiting),
                "may_operate": may_operate(request),
                "now": timezone.now(),
            }
        return response

    def _stop(self, request: HttpRequest) -> HttpResponse:
        """GET asks for the reason, POST stops."""
        if not may_operate(request):
            deny(request, Action.PROCESSING_PAUSE, PROCESSING, request.POST.get("what", ""))
        form = StopForm(request, data=request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                form,
                title="Pause processing?",
                description="Running jobs finish. Waiting jobs stay, and schedules go on adding to them.",
                submit="Pause",
            )
        pause = form.pause(Actor.of_request(request))
        messages.warning(request, f"Paused: {pause}.")
        return go(request, came_from(request, _list()))

    def _resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST ends the pause."""
        if not may_operate(request):
            deny(request, Action.PROCESSING_RESUME, PROCESSING)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        pause = Pause.objects.filter(pk=pk).first()
        if pause is None:
            raise Http404("That pause has ended already.")
        operations.resume(Actor.of_request(request), scope=PauseScope(pause.scope), name=pause.name)
        messages.success(request, f"Resumed: {pause}.")
        return go(request, came_from(request, _list()))


def _list() -> str:
    return reverse("admin:jobqueue_pause_changelist")
