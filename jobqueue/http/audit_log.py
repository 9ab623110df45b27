"""GET /admin/audit-logs: who did what, the latest first."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from jobqueue.http.caller import READ_AUDIT_LOG
from jobqueue.http.routing import route
from jobqueue.http.shapes import Answer, Json, Key, Limit, Moment, Time
from jobqueue.management.printing import iso
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Channel

router = Router(tags=["History"])

_CHANNELS: dict[str, Any] = {"enum": Channel.values}


class AuditEntryShape(Answer):
    """One recorded action; secrets were masked when it was written."""

    number: int
    at: Moment
    actor: str
    actor_id: int | None
    channel: str = Field(json_schema_extra=_CHANNELS)
    address: str
    action: str = Field(examples=["JOB_RETRY"])
    object_type: str = Field(examples=["job"])
    object_id: str
    object_label: str
    before: Json
    after: Json
    reason: str
    refused: bool
    hash: str


class AuditPage(Answer):
    """Some entries, the latest first."""

    entries: list[AuditEntryShape]
    next_cursor: int | None = Field(description="Give it as `cursor` for the next page; null on the last one.")


class AuditQuery(BaseModel):
    """Which entries; all that is given must fit."""

    model_config = ConfigDict(populate_by_name=True)

    action: str = Field(default="", max_length=64, examples=["JOB_RETRY"])
    user: Key | None = Field(default=None, description="The id of the user who did it.")
    object_type: str = Field(default="", alias="objectType", max_length=32, examples=["job"])
    object_id: str = Field(default="", alias="objectId", max_length=100, description="Needs `objectType`.")
    from_: Time | None = Field(default=None, alias="from")
    to: Time | None = None
    cursor: Key | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: Limit = 50


@route(
    router, "GET", "/admin/audit-logs", needs=READ_AUDIT_LOG, answers=AuditPage, summary="List the audit log's entries"
)
def list_audit_entries(request: HttpRequest, query: Query[AuditQuery]) -> dict[str, Any]:
    """What people and tokens did, and what they tried in vain."""
    wanted: dict[str, Any] = {
        "action": query.action,
        "actor_id": query.user,
        "object_type": query.object_type,
        "object_id": query.object_id,
        "at__gte": query.from_,
        "at__lt": query.to,
        "number__lt": query.cursor,
    }
    found = AuditEntry.objects.filter(**{name: value for name, value in wanted.items() if value not in ("", None)})
    entries = list(found.order_by("-number")[: query.limit + 1])
    shown = entries[: query.limit]
    more = len(entries) > query.limit
    return {"entries": [_entry(one) for one in shown], "nextCursor": shown[-1].number if more else None}


def _entry(one: AuditEntry) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": iso(one.at),
        "actor": one.actor,
        "actorId": one.actor_id,
        "channel": one.channel,
        "address": one.address,
        "action": one.action,
        "objectType": one.object_type,
        "objectId": one.object_id,
        "objectLabel": one.object_label,
        "before": one.before,
        "after": one.after,
        "reason": one.reason,
        "refused": one.is_refused,
        "hash": one.hash,
    }
