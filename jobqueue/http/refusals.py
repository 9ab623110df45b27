"""Refused calls in the audit log: the first ones each, a flood by its number, so that nobody can fill the log."""

from datetime import timedelta

from django.http import HttpRequest

from jobqueue.audit import Actor, record
from jobqueue.models.audit_entry import Action, Channel
from jobqueue.rates import Rate, network_of, take

CALL = "api call"
_OF_ONE = Rate(calls=10, per=timedelta(hours=1))
_OF_ALL = Rate(calls=300, per=timedelta(hours=1))


def stranger(request: HttpRequest) -> Actor:
    """Whoever has not said who they are."""
    return Actor(name="anonymous", channel=Channel.API, address=address_of(request))


def address_of(request: HttpRequest) -> str:
    """The peer's, which no header can forge."""
    address: str = request.META.get("REMOTE_ADDR", "")
    return address


def note_refusal(request: HttpRequest, actor: Actor, reason: str) -> None:
    """Record it, unless this caller's refusals or all of them have been recorded often enough of late.

    The next entry of the same caller says how many were left out.
    """
    who = f"user:{actor.user_id}" if actor.user_id else network_of(actor.address)
    mine = take(f"refusal:{who}", _OF_ONE)
    if not mine.is_allowed or not take("refusal:all", _OF_ALL).is_allowed:
        return
    more = f" {mine.refused_before:,} more were refused before and not recorded." if mine.refused_before else ""
    record(
        actor,
        Action.API_REFUSE,
        object_type=CALL,
        object_label=f"{request.method} {request.path}",
        reason=f"{reason}{more}",
        is_refused=True,
    )
