"""Times as people read them: relative in the text, exact in the title."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobqueue.durations import say_duration
from jobqueue.models import Job
from jobqueue.states import WAITING

register = template.Library()

_NONE = SafeString('<span class="jq-none">&ndash;</span>')


@register.filter
def exact(moment: datetime) -> str:
    """The moment in the zone in force, to the second, such as "2026-11-22 05:42:10 UTC"."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %Z}"


def relative(moment: datetime) -> str:
    """ "3 min ago", "in 2 h", "now"."""
    span = moment - timezone.now()
    if abs(span) < timedelta(seconds=1):
        return "now"
    return f"in {say_duration(span)}" if span > timedelta() else f"{say_duration(span)} ago"


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """A `<time>` element: relative to read, exact on hover; a dash for no time."""
    if moment is None:
        return _NONE
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact(moment), relative(moment))


@register.filter
def age(moment: datetime | None) -> SafeString:
    """As `ago` for a past time in a crowded table, where the style sheet adds "ago" if there is room."""
    if moment is None:
        return _NONE
    return format_html(
        '<time class="jq-age" datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        exact(moment),
        say_duration(timezone.now() - moment),
    )


@register.filter
def length_of_time(span: timedelta | None) -> str:
    """A duration with two figures of interest: "0.42 s", "12 s", "3 min 5 s", "2 h 4 min"."""
    if span is None:
        return _NONE
    seconds = max(span.total_seconds(), 0)
    if seconds < 10:
        return f"{seconds:.2f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h"


@register.filter
def next_run(job: Job) -> SafeString:
    """When a waiting job is due; red once that time is past, unless something else holds it."""
    if job.status not in WAITING:
        return _NONE
    if job.blockers:
        return format_html(
            '<span title="Its page says for what.">{}</span>', job.get_parked_display() or "waits for jobs"
        )
    late = timezone.now() - job.run_at
    if late < timedelta(seconds=1):
        return ago(job.run_at)
    return format_html(
        '<time class="jq-overdue" datetime="{}" title="{}">overdue by {}</time>',
        job.run_at.isoformat(),
        exact(job.run_at),
        say_duration(late),
    )


@register.filter
def clock(moment: datetime) -> str:
    """The time of day with milliseconds, for log lines."""
    return f"{timezone.localtime(moment):%H:%M:%S.%f}"[:-3]


@register.filter
def in_own_zone(moment: datetime) -> str:
    """A time in the zone that it carries, such as "Mon 2026-11-23 07:00 CET"."""
    return f"{moment:%a %Y-%m-%d %H:%M %Z}"
