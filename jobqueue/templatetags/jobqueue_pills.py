"""The small coloured labels of states and outcomes."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobqueue.states import AttemptOutcome, Status

register = template.Library()

EMOJI = {
    Status.PENDING: "⏳",
    Status.RUNNING: "⚡",
    Status.RETRYING: "🔄",
    Status.SUCCEEDED: "✅",
    Status.FAILED: "❌",
    Status.DEAD: "💀",
    Status.CANCELLED: "🚫",
}
_COLOUR_OF_OUTCOME = {
    AttemptOutcome.SUCCEEDED: "succeeded",
    AttemptOutcome.POSTPONED: "pending",
    AttemptOutcome.RETURNED: "pending",
    AttemptOutcome.CANCELLED: "cancelled",
}


@register.filter
def status_pill(status: str) -> SafeString:
    """A job's state with its emoji and colour."""
    known = Status(status)
    return _pill(known.value, known.label, EMOJI[known])


@register.filter
def state_pill(status: str) -> SafeString:
    """As `status_pill`; of what has no state any more, that it is gone."""
    return status_pill(status) if status else _pill("skipped", "gone", "")


@register.filter
def outcome_pill(outcome: str) -> SafeString:
    """How an attempt ended; everything that went wrong is red."""
    known = AttemptOutcome(outcome)
    return _pill(colour_of_outcome(known), known.label, "")


def colour_of_outcome(outcome: AttemptOutcome) -> str:
    """The state whose colour it has; everything that went wrong is red."""
    return _COLOUR_OF_OUTCOME.get(outcome, "failed")


def _pill(colour: str, label: str, emoji: str) -> SafeString:
    mark = format_html('<span aria-hidden="true">{}</span> ', emoji) if emoji else ""
    return format_html('<span class="jq-pill jq-{}">{}{}</span>', colour, mark, label)
