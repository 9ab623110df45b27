"""What one account's outcome means for its account row and its sync state. Nothing is saved here."""

from datetime import datetime

from gameplatform.conf import Conf
from gameplatform.exceptions import NotFound
from gameplatform.models import Account, SyncState
from gameplatform.providers.records import Practice, Profile
from gameplatform.sync.due import after_failure, after_success
from gameplatform.sync.fetch import Fetched

_LONGEST_MESSAGE = 1_000


def apply(fetched: Fetched, account: Account, state: SyncState, now: datetime, conf: Conf) -> None:
    """Bring both rows up to date with what came in, a failure included.

    Args:
        fetched: what came in for the account.
        account: its row, locked.
        state: its sync state, locked.
        now: the moment of writing.
        conf: overlap and intervals.
    """
    state.last_attempt_at = now
    if fetched.profile is not None:
        _apply_profile(fetched.profile, account)
        state.profile_synced_at = now
    if fetched.practice is not None:
        _apply_practice(fetched.practice, account, state, now, conf)
    if fetched.events is not None:
        state.flash_synced_at = now
        _saw_solves(state, [solve.solved_at for event in fetched.events for solve in event.solves], now)
    if fetched.error is not None:
        _failed(fetched, account, state, now, conf)
    else:
        _succeeded(fetched, account, state, now, conf)


def _apply_profile(profile: Profile, account: Account) -> None:
    account.link_state = Account.LinkState.LINKED
    account.remote_id = profile.remote_id
    account.username = profile.username
    account.status = profile.status
    account.last_login = profile.last_login


def _apply_practice(practice: Practice, account: Account, state: SyncState, now: datetime, conf: Conf) -> None:
    account.last_seen = practice.last_seen
    times = [solve.solved_at for solve in practice.solves]
    _saw_solves(state, times, now)
    if times:
        # A solve dated in the future must not make the sync jump over what comes until then.
        reached = min(max(times), now) - conf.WATERMARK_OVERLAP
        state.watermark = max(state.watermark, reached) if state.watermark else reached
    if practice.totals is not None:
        reported = (practice.totals.challenges, practice.totals.points)
        if reported != (state.reported_challenges, state.reported_points):
            state.needs_totals_refresh = True
        state.reported_challenges, state.reported_points = reported
        state.reported_at = state.last_full_at = now


def _saw_solves(state: SyncState, times: list[datetime], now: datetime) -> None:
    known = [state.newest_solve_at] if state.newest_solve_at else []
    state.newest_solve_at = max([*known, *(min(time, now) for time in times)], default=None)


def _failed(fetched: Fetched, account: Account, state: SyncState, now: datetime, conf: Conf) -> None:
    if isinstance(fetched.error, NotFound):
        account.link_state = Account.LinkState.MISSING
    state.consecutive_failures += 1
    state.error_code = fetched.error_code
    state.error_message = str(fetched.error)[:_LONGEST_MESSAGE]
    state.next_due = after_failure(now, state.consecutive_failures, conf)


def _succeeded(fetched: Fetched, account: Account, state: SyncState, now: datetime, conf: Conf) -> None:
    state.consecutive_failures = 0
    state.error_code = state.error_message = ""
    if fetched.awaits_approval:
        state.next_due = now + conf.NOT_APPROVED_EVERY
        return
    account.link_state = Account.LinkState.LINKED
    state.last_success_at = now
    # An account that never did anything counts as active from the day it is known here.
    signs = (account.created_at, account.last_login, account.last_seen, state.newest_solve_at)
    state.next_due = after_success(now, max(sign for sign in signs if sign is not None), conf)
