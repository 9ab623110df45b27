"""Runs of schedules as people read them: pills, little bars, metrics; and the alerts about schedules."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from jobqueue.alerts import open_alerts
from jobqueue.models.occurrence import Skipped
from jobqueue.occurrences import Run
from jobqueue.states import Status
from jobqueue.templatetags.jobqueue_pills import status_pill

register = template.Library()

_SKIPPED = {
    Skipped.MISSED: "missed",
    Skipped.OVERLAP: "overlap",
    Skipped.JOINED: "already queued",
    Skipped.INVALID: "not valid",
}
_MOST_ALERTS = 5
_WORD_END = re.compile("(?<=[_:])")
_NO_TRACE = "No trace of its job"


@register.inclusion_tag("jobqueue/schedules/alerts.html", takes_context=True)
def alert_banner(context: Mapping[str, Any]) -> dict[str, Any]:
    """The open alerts about schedules, for who may see schedules."""
    alerts = open_alerts() if context["request"].user.has_perm("jobqueue.view_schedule") else []
    return {"alerts": alerts[:_MOST_ALERTS], "more_alerts": len(alerts) - _MOST_ALERTS}


@register.filter
def run_pill(run: Run) -> SafeString:
    """How it fares; of a skipped one, why, and for how many times it stands."""
    if run.skipped is not None:
        colour = "failed" if run.skipped == Skipped.INVALID else "skipped"
        times = f" \N{MULTIPLICATION SIGN}{run.times:,}" if run.times > 1 else ""
        return _pill(colour, run.skipped.label, f"skipped: {_SKIPPED[run.skipped]}{times}")
    return status_pill(run.status) if run.status else _pill("skipped", "Its job is gone, and its end with it.", "gone")


@register.filter
def outcome_bars(outcomes: Sequence[str]) -> SafeString:
    """One little bar for each of `recent_outcomes`, in the states' colours."""
    if not outcomes:
        return SafeString("")
    labels = [_label(outcome) for outcome in outcomes]
    told = ", ".join(f"{number} {label.lower()}" for label, number in Counter(labels).most_common())
    bars = format_html_join(
        "", '<i class="jq-{} jq-bar" title="{}"></i>', zip(map(_colour, outcomes), labels, strict=True)
    )
    return format_html(
        '<span class="jq-bars" role="img" aria-label="Last {}, oldest first: {}">{}</span>', len(labels), told, bars
    )


@register.filter
def chips(metrics: Mapping[str, float], most: int = 0) -> SafeString:
    """Numbers with their names: "requests made 12"; of many only so many, zeros last."""
    shown = sorted(metrics.items(), key=lambda one: one[1] == 0)[: most or None]
    more = len(metrics) - len(shown)
    pairs = [(_spaced(name), _number(value)) for name, value in shown]
    told = format_html_join(" ", '<span class="jq-chip">{} <b>{}</b></span>', pairs)
    return format_html('{} <span class="jq-note">+{}</span>', told, more) if more else told


@register.filter
def name_of(name: str) -> SafeString:
    """A name, whatever its direction of writing, that is broken behind an underscore or a colon if it must be."""
    parts = ((part,) for part in _WORD_END.split(name))
    return format_html("<bdi>{}</bdi>", format_html_join(SafeString("<wbr>"), "{}", parts))


@register.filter
def first_line(text: str) -> str:
    """Of an error: what it says before its details."""
    return text.strip().partition("\n")[0]


def _pill(colour: str, title: str, text: str) -> SafeString:
    return format_html('<span class="jq-pill jq-{}" title="{}">{}</span>', colour, title, text)


def _label(outcome: str) -> str:
    if outcome in Status:
        return Status(outcome).label
    return f"Skipped: {_SKIPPED[Skipped(outcome)]}" if outcome in Skipped else _NO_TRACE


def _colour(outcome: str) -> str:
    if outcome == Skipped.INVALID:
        return "failed"
    return outcome if outcome in Status else "skipped"


def _spaced(name: str) -> str:
    """ "itemsCollected", "items_collected" and "items.collected" as "items collected"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_.]", " ", name).lower()


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
