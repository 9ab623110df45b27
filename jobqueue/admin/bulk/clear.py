"""Clearing finished jobs: which states and how old, the numbers, and then a deletion as any other."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from jobqueue.admin.bulk.ask import ask
from jobqueue.admin.refusals import deny
from jobqueue.admin.screens import may_delete
from jobqueue.bulk import BulkVerb, Selection
from jobqueue.bulk.background import OBJECT_TYPE
from jobqueue.models.audit_entry import Action
from jobqueue.states import FINISHED, Status

if TYPE_CHECKING:
    from jobqueue.admin.screens import Screen

AGES: Mapping[str, tuple[str, timedelta]] = {
    "any": ("any age", timedelta()),
    "hour": ("1 hour", timedelta(hours=1)),
    "day": ("1 day", timedelta(days=1)),
    "week": ("7 days", timedelta(days=7)),
    "fortnight": ("14 days", timedelta(days=14)),
    "month": ("30 days", timedelta(days=30)),
}
_USUAL_AGE = "week"
_USUAL_STATES = (Status.SUCCEEDED, Status.CANCELLED)


def clear(screen: "Screen", request: HttpRequest) -> HttpResponse:
    """Asks for states and an age, and shows what that would delete; posted to the bulk verb `delete`.

    Raises:
        PermissionDenied: may not delete.
    """
    if not may_delete(request):
        deny(request, Action.BULK_DELETE, OBJECT_TYPE)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    states = [state for state in FINISHED if state in request.GET.getlist("state")] or list(_USUAL_STATES)
    age = request.GET.get("age", "")
    age = age if age in AGES else _USUAL_AGE
    selection = Selection(statuses=tuple(states), until=timezone.now() - AGES[age][1])
    form: dict[str, Any] = {
        "states": [(state.value, state.label, state in states) for state in FINISHED],
        "ages": [(name, label, name == age) for name, (label, _) in AGES.items()],
    }
    return ask(screen, request, BulkVerb.DELETE, selection, clearing=form)
