"""How times and sort links look on the pages."""

from datetime import datetime, timedelta
from typing import Any

from django.template import Context, Library
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from coachdash.statistics.sorting import Sort

register = Library()

_JUST_NOW = timedelta(seconds=45)
_UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def relative(moment: datetime, now: datetime) -> str:
    """How long ago in one unit: "just now", "3 minutes ago", "2 days ago"."""
    age = now - moment
    if age < _JUST_NOW:
        return "just now"
    for unit, name in _UNITS:
        count = round(age / unit)
        if age >= unit * 0.75:
            return f"{count or 1} {name}{'' if count <= 1 else 's'} ago"
    return "1 minute ago"


@register.filter
def ago(moment: datetime | None) -> str | SafeString:
    """A time as it is said, with the exact one in the reader's zone on hover and for machines; None: nothing."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact(moment), relative(moment, timezone.now())
    )


@register.filter
def exact(moment: datetime) -> str:
    """The exact time in the reader's zone, such as "Fri 3 Jul 2026, 16:05:09 CEST"."""
    return format_date(timezone.localtime(moment), "D j M Y, H:i:s T")


@register.inclusion_tag("coachdash/_column.html", takes_context=True)
def column(context: Context, key: str, label: str, kind: str = "") -> dict[str, Any]:
    """The head of a sortable column; its link works without JavaScript. `kind` is a CSS class."""
    sort: Sort = context["sort"]
    direction = ("descending" if sort.descending else "ascending") if sort.column == key else ""
    return {
        "request": context["request"],
        "key": key,
        "label": label,
        "kind": kind,
        "direction": direction,
        "next": sort.by(key),
    }
