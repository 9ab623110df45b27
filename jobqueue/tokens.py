"""Making the secrets of API tokens, and finding the token of a secret. Only a hash of it is ever stored."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone

from jobqueue.models import ApiToken
from jobqueue.models.api_token import TokenScope

MARK = "jqt_"
"""How every secret begins, so that scanners of source code and the queue's own masking recognise it."""
_SHOWN = 8
_USED_AT_MOST_EVERY = timedelta(minutes=1)
# What its owner must be allowed for a scope to be of any use; reading is for everybody, if only their own jobs.
PERMISSIONS = {TokenScope.WRITE: "jobqueue.operate_job", TokenScope.DELETE: "jobqueue.delete_job"}


def new_secret() -> str:
    """43 random characters of 6 bits each behind the mark."""
    return MARK + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret. It is random and long, so that a plain hash cannot be tried backwards."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def shown_prefix(secret: str) -> str:
    """The beginning that people recognise it by."""
    return secret[:_SHOWN]


def find(secret: str) -> ApiToken | None:
    """The token with that secret, whatever its state, with its owner; one query."""
    return ApiToken.objects.select_related("owner").filter(digest=digest(secret)).first()


def mark_used(token: ApiToken) -> None:
    """Note that it was used now, unless that was noted within the minute."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _USED_AT_MOST_EVERY:
        ApiToken.objects.filter(pk=token.pk, last_used_at=token.last_used_at).update(last_used_at=now)


def scopes_for(owner: Any) -> Collection[TokenScope]:
    """The scopes that this person's permissions can fill."""
    return [scope for scope in TokenScope if scope not in PERMISSIONS or owner.has_perm(PERMISSIONS[scope])]
