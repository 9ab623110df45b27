"""API tokens: made and revoked by people. The secret is returned once and recorded nowhere."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from jobqueue import tokens
from jobqueue.audit import Actor, record
from jobqueue.exceptions import InvalidTokenError
from jobqueue.models import ApiToken
from jobqueue.models.api_token import TokenScope
from jobqueue.models.audit_entry import Action
from jobqueue.new_job import text

TOKEN = "token"  # noqa: S105  the word


def create_token(
    owner: Any, actor: Actor, *, name: str, scopes: Collection[str], expires_at: datetime | None
) -> tuple[ApiToken, str]:
    """Make a token for this user; returns it and its secret, which nobody can ask for again.

    Args:
        owner: a user; the token can do no more than they may at the time of a call.
        scopes: at least one of `TokenScope`.

    Raises:
        InvalidTokenError: a name that is taken, scopes that the owner cannot fill, or an end that is past.
    """
    wanted = _checked(owner, scopes, expires_at)
    secret = tokens.new_secret()
    token = ApiToken(
        name=text("name", name, 100),
        owner=owner,
        prefix=tokens.shown_prefix(secret),
        digest=tokens.digest(secret),
        scopes=wanted,
        created_at=timezone.now(),
        expires_at=expires_at,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                token.save(force_insert=True)
        except IntegrityError:
            raise InvalidTokenError(
                f"{owner.get_username()} has a token called {name!r} already: choose another name, or revoke that one."
            ) from None
        _record(actor, Action.TOKEN_CREATE, token, after=_facts(token))
    return token, secret


def revoke_token(token: ApiToken, actor: Actor) -> bool:
    """End a token now and for good; revoking it again is recorded as refused.

    Returns:
        Whether this ended it.
    """
    with transaction.atomic():
        stored = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
        if stored.revoked_at is not None:
            _record(actor, Action.TOKEN_REVOKE, stored, reason="revoked already", refused=True)
            return False
        stored.revoked_at = timezone.now()
        stored.save(update_fields=["revoked_at"])
        _record(actor, Action.TOKEN_REVOKE, stored, before=_facts(token))
    return True


def _checked(owner: Any, scopes: Collection[str], expires_at: datetime | None) -> Sequence[str]:
    unknown = sorted(set(scopes) - set(TokenScope.values))
    if unknown or not scopes:
        said = f"{', '.join(unknown)} is no scope" if unknown else "A scope is missing"
        raise InvalidTokenError(f"{said}: expected some of {', '.join(TokenScope.values)}.")
    if not owner.is_active:
        raise InvalidTokenError(f"{owner.get_username()} is inactive: a token of theirs would be refused.")
    beyond = [scope for scope in TokenScope if scope in scopes and scope not in tokens.scopes_for(owner)]
    if beyond:
        needed = ", ".join(tokens.PERMISSIONS[scope] for scope in beyond)
        raise InvalidTokenError(f"{owner.get_username()} may not have {', '.join(beyond)}: that needs {needed}.")
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidTokenError(f"It would expire at {expires_at.isoformat()}, which is past: expected a later time.")
    return [scope.value for scope in TokenScope if scope in scopes]


def _facts(token: ApiToken) -> dict[str, Any]:
    return {
        "owner": token.owner_id,
        "scopes": token.scopes,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }


def _record(
    actor: Actor,
    action: Action,
    token: ApiToken,
    *,
    before: Any = None,
    after: Any = None,
    reason: str = "",
    refused: bool = False,
) -> None:
    record(
        actor,
        action,
        object_type=TOKEN,
        object_id=str(token.pk),
        object_label=str(token),
        before=before,
        after=after,
        reason=reason,
        is_refused=refused,
    )
