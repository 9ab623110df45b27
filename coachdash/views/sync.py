"""*Sync my students*: one job for one coach; asking again joins the one that waits."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from coachdash.statistics.syncing import TASK_TYPE
from coachdash.views.dashboard import chosen_coach
from coachdash.views.guard import Request, members_only
from jobqueue.api import enqueue

STARTED = "The sync has been asked for. This page follows it."
JOINED = "A sync of these students is already under way; yours has joined it."


@require_POST
@members_only
def sync(request: Request, user: User) -> HttpResponse:
    """Enqueue the sync of a coach's students and go back to the dashboard as it stood."""
    coach = chosen_coach(request, user)
    if coach is None:
        raise Http404("No coach chosen")
    enqueued = enqueue(TASK_TYPE, {"coachId": coach.pk}, created_by=user.pk)
    messages.info(request, STARTED if enqueued.created else JOINED)
    query = request.GET.urlencode()
    return redirect(reverse("dashboard") + (f"?{query}" if query else ""))
