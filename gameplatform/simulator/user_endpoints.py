"""The endpoints about users and their passwords."""

from typing import get_args

from msgspec import UNSET

from gameplatform.simulator.account import Account
from gameplatform.simulator.answers import Result, UserAnswer
from gameplatform.simulator.people import Role, Status
from gameplatform.simulator.platform import Platform
from gameplatform.simulator.validation import BodyReader, query_text
from gameplatform.simulator.wire import Request

_ROLES: tuple[Role, ...] = get_args(Role)


def get_user(platform: Platform, request: Request, now: int) -> Result:
    """GET /users, which the vendor declares to answer 201."""
    account = platform.account(query_text(request, "syned_user_id"))
    return 201, _shape(account, account.status(now), platform.activity(account, now).last_login)


def create_user(platform: Platform, request: Request, now: int) -> Result:
    """POST /users; every other answer leaves the status out."""
    reader = BodyReader(request)
    first, last = reader.text("first_name"), reader.text("last_name")
    email, role, user_id = reader.email("email"), reader.choice("role", _ROLES), reader.text("syned_user_id")
    wished, coach_id = reader.optional_text("preferred_username"), reader.optional_text("syned_coach_user_id")
    for unused in ("syned_school_id", "syned_region_id"):
        reader.optional_text(unused)
    reader.check()
    account = platform.create_user(
        syned_user_id=user_id,
        username=wished or f"{first[:1]}{last}".lower(),
        email=email,
        role=role,
        coach_id=coach_id,
        now=now,
    )
    return 201, _shape(account, account.status(now) if account.metactf_user_id % 2 else None, None)


def send_password_reset(platform: Platform, request: Request, _now: int) -> Result:
    """POST /auth/send_password_reset_email."""
    reader = BodyReader(request)
    user_id = reader.text("syned_user_id")
    reader.check()
    platform.account(user_id)
    return 200, {"syned_user_id": user_id, "message": "Password reset email sent"}


def _shape(account: Account, status: Status | None, last_login: int | None) -> UserAnswer:
    return UserAnswer(
        metactf_user_id=account.metactf_user_id,
        metactf_username=account.username,
        syned_user_id=account.syned_user_id,
        metactf_user_status=UNSET if status is None else status,
        last_login_unix_timestamp=last_login,
    )
