"""The endpoints about scores: practice ("ODL") and flash CTF events."""

from gameplatform.simulator.account import Account
from gameplatform.simulator.activity import category_points
from gameplatform.simulator.answers import FlashAnswer, Result, ScoresAnswer
from gameplatform.simulator.exceptions import RefusedError
from gameplatform.simulator.platform import Platform
from gameplatform.simulator.validation import query_integer, query_text
from gameplatform.simulator.wire import Request


def get_odl_scores(platform: Platform, request: Request, now: int) -> Result:
    """GET /scores/get_odl_scores; with `after_time_unix` the totals are those of the later solves only."""
    after = query_integer(request, "after_time_unix")
    account = _shown(platform, query_text(request, "syned_user_id"), now)
    activity = platform.activity(account, now)
    solves = activity.practice
    if after is not None:
        solves = [solve for solve in solves if solve.timestamp_unix > after]
    points = category_points(solves)
    return 200, ScoresAnswer(
        syned_user_id=account.syned_user_id,
        metactf_user_id=account.metactf_user_id,
        total_challenges_solved=len(solves),
        total_points=sum(points.values()),
        last_accessed_unix_timestamp=activity.last_accessed,
        category_points=points,
        challenge_solves=solves,
    )


def get_flash_progress(platform: Platform, request: Request, now: int) -> Result:
    """GET /scores/get_flash_ctf_progress."""
    account = _shown(platform, query_text(request, "syned_user_id"), now)
    events = platform.flash(account, now)
    return 200, FlashAnswer(syned_user_id=account.syned_user_id, flash_ctfs=events)


def _shown(platform: Platform, syned_user_id: str, now: int) -> Account:
    account = platform.account(syned_user_id)
    if not account.approved(now):
        raise RefusedError(403, "User not found or not approved")
    return account
