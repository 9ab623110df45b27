"""Times as people read them: relative in the text, exact in the title; `static/jobqueue/times.js` keeps them so."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobqueue.durations import say_duration
from jobqueue.models import Job
from jobqueue.states import WAITING, Status

register = template.Library()

_NONE = SafeString('<span class="jq-none">&ndash;</span>')
_NOW = timedelta(seconds=1)


@register.filter
def exact(moment: datetime) -> str:
    """The moment in the zone in force, to the second, such as "2026-11-22 05:42:10 UTC"; for attributes and letters."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %Z}"


@register.filter
def timestamp(moment: datetime | None) -> SafeString:
    """The exact time to read, in the reader's zone as soon as the script has run; a dash for no time."""
    return _NONE if moment is None else _fixed(moment, "exact", exact(moment))


@register.filter
def clock(moment: datetime) -> SafeString:
    """The time of day with milliseconds, for log lines; exact on hover."""
    return _fixed(moment, "clock", f"{timezone.localtime(moment):%H:%M:%S.%f}"[:-3])


def relative(moment: datetime) -> str:
    """ "3 min ago", "in 2 h", "now"."""
    return _relative(moment - timezone.now())


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """Relative to read, exact on hover; a dash for no time."""
    return _NONE if moment is None else _live(moment, "ago", relative(moment))


@register.filter
def age(moment: datetime | None) -> SafeString:
    """As `ago` for a past time in a crowded table, where the style sheet adds "ago" if there is room."""
    return _NONE if moment is None else _live(moment, "age", say_duration(timezone.now() - moment), "jq-age")


@register.filter
def length_of_time(span: timedelta | None) -> str:
    """A duration with two figures of interest: "0.42 s", "12 s", "3 min 5 s", "2 h 4 min"."""
    if span is None:
        return _NONE
    seconds = max(span.total_seconds(), 0)
    return f"{seconds:.2f} s" if seconds < 10 else _length(int(seconds))


def _length(whole: int) -> str:
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h"


@register.filter
def duration_of(job: Job) -> str:
    """How long the job's last attempt took; of a running one how long so far, and that goes on."""
    if job.status != Status.RUNNING or job.started_at is None:
        return length_of_time(job.duration)
    so_far = timezone.now() - job.started_at
    return _live(job.started_at, "lasts", _length(max(0, int(so_far.total_seconds()))))


@register.filter
def next_run(job: Job) -> SafeString:
    """When a waiting job is due; red once that time is past, unless something else holds it."""
    if job.status not in WAITING:
        return _NONE
    if job.blockers:
        return format_html(
            '<span title="Its page says for what.">{}</span>', job.get_parked_display() or "waits for jobs"
        )
    return due(job.run_at)


@register.filter
def due(moment: datetime) -> SafeString:
    """When something is to happen; red once that time is past."""
    late = timezone.now() - moment
    if late < _NOW:
        return _live(moment, "due", _relative(-late))
    return _live(moment, "due", f"overdue by {say_duration(late)}", "jq-overdue")


@register.filter
def in_own_zone(moment: datetime) -> str:
    """A time in the zone that it carries, such as "Mon 2026-11-23 07:00 CET"."""
    return f"{moment:%a %Y-%m-%d %H:%M %Z}"


def _relative(span: timedelta) -> str:
    if abs(span) < _NOW:
        return "now"
    return f"in {say_duration(span)}" if span > timedelta() else f"{say_duration(span)} ago"


def _fixed(moment: datetime, says: str, text: str) -> SafeString:
    return format_html(
        '<time data-says="{}" datetime="{}" title="{}">{}</time>', says, moment.isoformat(), exact(moment), text
    )


def _live(moment: datetime, says: str, text: str, css: str = "") -> SafeString:
    # How far away it is by our clock: a browser's own may be wrong.
    span = round((moment - timezone.now()).total_seconds(), 1)
    return format_html(
        '<time{} data-says="{}" data-span="{}" datetime="{}" title="{}">{}</time>',
        format_html(' class="{}"', css) if css else "",
        says,
        span,
        moment.isoformat(),
        exact(moment),
        text,
    )
