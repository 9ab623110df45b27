"""Who fails to log in too often has to wait: what they are told, and what the audit log is."""

from typing import Any

from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jobqueue.api import Actor, record

ACTION = "LOGIN_LOCK"


def answer(request: HttpRequest, _response: HttpResponse, _credentials: dict[str, Any] | None) -> HttpResponse:
    """The page instead of the log-in's; the same whether or not there is such a user."""
    wait = settings.AXES_COOLOFF_TIME
    context = {"minutes": round(wait.total_seconds() / 60), "form_address": request.path}
    response = render(request, "coachdash/locked.html", context, status=429)
    response.headers["Retry-After"] = str(round(wait.total_seconds()))
    return response


def connect() -> None:
    """Have lockouts recorded from now on."""
    user_locked_out.connect(_audit, dispatch_uid="coachdash.lockout")


def _audit(request: HttpRequest, username: str | None, **_: Any) -> None:
    failures = getattr(request, "axes_failures_since_start", None)
    if failures is None:
        return  # one more of somebody who is locked out already
    # What was typed may be anything, even a password; only a name that exists is recorded.
    user = User.objects.filter(username=username or "").first()
    record(
        Actor.of_request(request),
        ACTION,
        object_type="user",
        object_id=str(user.pk) if user else "",
        object_label=user.username if user else "an unknown name",
        reason=f"{failures} failed log-ins from this address",
        is_refused=True,
    )
