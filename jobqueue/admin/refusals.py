"""Refusals: whoever posts what they may not do is turned away, and the audit log says so."""

from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.models.audit_entry import Action

_NO_PERMISSION = "no permission"


def deny(request: HttpRequest, action: Action | str, object_type: str, object_id: object = "") -> NoReturn:
    """Turn somebody away; looking (GET) is refused but not recorded.

    Raises:
        PermissionDenied: always.
    """
    if request.method == "POST":
        refuse(request, action, object_type, object_id)
    raise PermissionDenied


def refuse(
    request: HttpRequest, action: Action | str, object_type: str, object_id: object = "", reason: str = _NO_PERMISSION
) -> None:
    """Record an attempt that was refused."""
    operations.refuse(Actor.of_request(request), action, object_type, str(object_id), reason)
