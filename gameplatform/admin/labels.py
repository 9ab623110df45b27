"""The small coloured labels of the mirror's screens."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from gameplatform.models import Account, SyncRun, SyncState

NONE = SafeString('<span class="jq-none">&ndash;</span>')
_COLOUR_OF_STATUS = {
    Account.Status.APPROVED: "succeeded",
    Account.Status.USER_CREATED: "pending",
    Account.Status.PENDING_APPROVAL: "retrying",
    Account.Status.DENIED: "failed",
}


def pill(colour: str, text: str, title: str = "") -> SafeString:
    """A label in one of the colours of the jobs' states."""
    return format_html('<span class="jq-pill jq-{}" title="{}">{}</span>', colour, title, text)


def status_pill(account: Account) -> SafeString:
    """What the platform says of the account; that it does not know it comes first."""
    if account.link_state == Account.LinkState.MISSING:
        return pill("failed", account.get_link_state_display())
    colour = _COLOUR_OF_STATUS.get(Account.Status(account.status), "cancelled")
    return pill(colour, account.get_status_display())


def sync_pill(state: SyncState | None) -> SafeString:
    """How the latest sync of the account went."""
    if state is None or state.last_attempt_at is None:
        return pill("cancelled", "not synced yet")
    if state.consecutive_failures:
        times = f" \N{MULTIPLICATION SIGN}{state.consecutive_failures:,}" if state.consecutive_failures > 1 else ""
        return pill("failed", f"{state.error_code}{times}", state.error_message[:300])
    if state.last_success_at is None:
        return pill("retrying", "awaits approval")
    return pill("succeeded", "synced")


def run_pill(run: SyncRun) -> SafeString:
    """How the run went, or that it goes on."""
    if run.error:
        return pill("dead", "stopped", run.error[:300])
    if run.finished_at is None:
        return pill("running", "running")
    if run.failed:
        return pill("failed", f"{run.failed:,} failed")
    return pill("succeeded", "finished")
