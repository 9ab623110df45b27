"""The simulator's own endpoints that change the platform: solves added by hand."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from gameplatform.simulator.answers import ChallengeSolve, Result
from gameplatform.simulator.exceptions import invalid
from gameplatform.simulator.platform import Platform
from gameplatform.simulator.practice import SOLVE_IDS
from gameplatform.simulator.validation import body_object
from gameplatform.simulator.wire import Request

_FIRST_ID, _MOST = 900, 99  # within the solve ids of one account, above its own stream


class WantedSolve(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A practice solve to add; `timestamp_unix` None is now, an earlier one is a solve that arrives late."""

    syned_user_id: str
    points: Annotated[int, Meta(ge=1, le=10_000)] = 100
    category: str = "misc"
    timestamp_unix: int | None = None


def add_solve(platform: Platform, request: Request, now: int) -> Result:
    """POST /__admin/solves."""
    try:
        wanted = msgspec.convert(body_object(request), WantedSolve)
    except msgspec.ValidationError as error:
        raise invalid({"loc": ["body"], "msg": str(error), "type": "value_error"}) from None
    moment = now if wanted.timestamp_unix is None else wanted.timestamp_unix
    nth = len(platform.added.get(wanted.syned_user_id, ()))
    if moment > now or nth >= _MOST:
        text = f"Expected a time up to now ({now}) and at most {_MOST} added solves an account"
        raise invalid({"loc": ["body", "timestamp_unix"], "msg": text, "type": "value_error"})
    account = platform.account(wanted.syned_user_id)
    solve = ChallengeSolve(
        challenge_solve_id=account.metactf_user_id * SOLVE_IDS + _FIRST_ID + nth,
        challenge_id=90_000 + nth,
        challenge_title=f"Added Challenge {nth + 1}",
        challenge_points=wanted.points,
        challenge_category=wanted.category,
        timestamp_unix=moment,
        challenge_retired=False,
        nist_nice_work_roles=[],
    )
    platform.add_solve(wanted.syned_user_id, solve)
    return 201, solve
