"""The dashboard: a coach's students, their figures and how fresh they are. Page and fragment are one view."""

import hashlib

from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from coachdash import access
from coachdash.statistics.dashboard import dashboard as read_dashboard
from coachdash.statistics.sorting import parse_sort
from coachdash.views.guard import Request, members_only

BEAT, BEAT_WHILE_SYNCING = 10, 2  # seconds between two looks of an open page


@require_safe
@vary_on_headers("HX-Request")
@members_only
def dashboard(request: Request, user: User) -> HttpResponse:
    """`?coach=` (for who sees several), `?sort=`, `?page=`; a fragment says in `?seen=` what it shows already."""
    context = _context(request, user)
    live = render_to_string("coachdash/_live.html", context, request)
    version = hashlib.sha256(live.encode()).hexdigest()[:16]
    if not request.htmx:
        return render(request, "coachdash/dashboard.html", {**context, "live": live, "version": version})
    if request.GET.get("seen") == version:
        return HttpResponse(status=204)  # nothing is replaced under the reader's hands
    return render(request, "coachdash/_beat.html", {**context, "live": live, "version": version})


def chosen_coach(request: Request, user: User) -> User | None:
    """The coach whose students are meant: who only sees their own always means themselves; None: all.

    Raises:
        Http404: `?coach=` names nobody whom this user may see.
    """
    text = request.GET.get("coach", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404("No such coach")
    if text:
        return access.coach(user, int(text))
    return None if access.sees_every_coach(user) else user


def _context(request: Request, user: User) -> dict[str, object]:
    coach = chosen_coach(request, user)
    sort = parse_sort(request.GET.get("sort", ""))
    board = read_dashboard(user, coach, sort, request.GET.get("page", ""))
    several = access.sees_every_coach(user)
    return {
        "board": board,
        "coach": coach,
        "coaches": list(access.coaches(user)) if several else [],
        "sees_several": several,
        "shows_coach": several and coach is None,
        "sort": sort,
        "beat": BEAT_WHILE_SYNCING if board.syncing else BEAT,
    }
