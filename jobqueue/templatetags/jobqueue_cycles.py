"""Worker cycles as people read them."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobqueue.models import WorkerCycle
from jobqueue.models.worker_cycle import CycleStatus

register = template.Library()

COLOURS = {
    CycleStatus.RUNNING: "running",
    CycleStatus.OK: "succeeded",
    CycleStatus.PAUSED: "cancelled",
    CycleStatus.DISABLED: "cancelled",
    CycleStatus.FAILED: "failed",
}
"""By status, the job state whose colour it has."""


@register.filter
def cycle_pill(cycle: WorkerCycle) -> SafeString:
    """How it went."""
    status = CycleStatus(cycle.status)
    return format_html('<span class="jq-pill jq-{}">{}</span>', COLOURS[status], status.label)
