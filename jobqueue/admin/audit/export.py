"""The entries that a filter finds, as CSV: streamed by number, and harmless in a spreadsheet."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.utils import timezone

from jobqueue import operations
from jobqueue.admin.audit.query import AuditQuery, read
from jobqueue.audit import Actor
from jobqueue.models import AuditEntry

COLUMNS = (
    "number", "at", "actor", "actor_id", "channel", "address", "action", "object_type", "object_id", "object_label",
    "before", "after", "reason", "is_refused", "previous_hash", "hash",
)  # fmt: skip
_BATCH = 2_000
# By which a spreadsheet would take a text for a formula.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """A file that gives back what is written, for the csv module."""

    def write(self, text: str) -> str:
        return text


def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """By POST, for it leaves an entry; the caller has asked for permission."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    query = read(request.GET)
    newest = AuditEntry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    number = query.entries().filter(number__lte=newest).count()
    operations.note_export(Actor.of_request(request), asked=query.given, entries=number, last=newest)
    name = f"audit-log-{timezone.localtime():%Y-%m-%d-%H%M}.csv"
    return StreamingHttpResponse(
        _lines(query, newest),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _lines(query: AuditQuery, newest: int) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # Without the mark, spreadsheets take UTF-8 for something else.
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + writer.writerow(COLUMNS)
    after = -1
    while batch := list(query.entries().filter(number__gt=after, number__lte=newest).order_by("number")[:_BATCH]):
        for entry in batch:
            yield writer.writerow([cell(getattr(entry, name)) for name in COLUMNS])
        after = batch[-1].number


def cell(value: Any) -> str:
    """A value as it may stand in a spreadsheet: a text that could be a formula begins with an apostrophe."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_DANGEROUS) else text
