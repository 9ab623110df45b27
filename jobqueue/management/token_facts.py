"""API tokens as commands show them; never their secrets."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from jobqueue.management.printing import iso, seconds, table
from jobqueue.models import ApiToken


def state_of(token: ApiToken) -> str:
    """Whether it would be accepted, and if not, why."""
    if token.revoked_at is not None:
        return "revoked"
    if token.has_expired(timezone.now()):
        return "expired"
    return "active" if token.owner.is_active else "owner inactive"


def tokens_table(tokens: Sequence[ApiToken]) -> str:
    """One line per token."""
    rows = (
        (
            token.pk,
            token.name,
            token.owner.get_username(),
            f"{token.prefix}...",
            ", ".join(token.scopes),
            state_of(token),
            seconds(token.expires_at),
            seconds(token.last_used_at),
        )
        for token in tokens
    )
    return table(("id", "name", "owner", "begins", "scopes", "status", "expires", "last used"), rows)


def token_json(token: ApiToken) -> dict[str, Any]:
    """For scripts."""
    return {
        "id": token.pk,
        "name": token.name,
        "owner": token.owner.get_username(),
        "prefix": token.prefix,
        "scopes": token.scopes,
        "state": state_of(token),
        "createdAt": iso(token.created_at),
        "expiresAt": iso(token.expires_at),
        "revokedAt": iso(token.revoked_at),
        "lastUsedAt": iso(token.last_used_at),
    }
