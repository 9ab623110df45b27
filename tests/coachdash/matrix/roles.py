"""Who knocks: people by their session, programs by their token."""

from collections.abc import Mapping
from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobqueue.models import ApiToken
from jobqueue.tokens import digest, new_secret, shown_prefix
from tests.coachdash import factories

PEOPLE = ("anonymous", "coach", "other coach", "manager", "admin")
TOKENS = ("read token", "write token", "delete token", "expired token", "revoked token", "no token of ours")


def people() -> Mapping[str, Client]:
    """A client per person; the coach is Alice, to whom the world's jobs belong."""
    alice, bob = factories.coach("alice"), factories.coach("bob")
    manager = factories.member("manager", "Manager")
    admin = User.objects.create_superuser("admin")
    return {
        "anonymous": Client(),
        "coach": _session(alice),
        "other coach": _session(bob),
        "manager": _session(manager),
        "admin": _session(admin),
    }


def programs(owner: User) -> Mapping[str, Client]:
    """A client per kind of token, all of somebody who may do everything."""
    past = timezone.now() - timedelta(hours=1)
    return {
        "read token": _bearer(_token(owner, "jobs:read")),
        "write token": _bearer(_token(owner, "jobs:write")),
        "delete token": _bearer(_token(owner, "jobs:delete")),
        "expired token": _bearer(_token(owner, "jobs:read", "jobs:write", "jobs:delete", expires_at=past)),
        "revoked token": _bearer(_token(owner, "jobs:read", "jobs:write", "jobs:delete", revoked_at=past)),
        "no token of ours": _bearer(new_secret()),
    }


def _session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _bearer(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


def _token(owner: User, *scopes: str, **fields: object) -> str:
    secret = new_secret()
    ApiToken.objects.create(
        name=f"{scopes} {fields}"[:100],
        owner=owner,
        prefix=shown_prefix(secret),
        digest=digest(secret),
        scopes=list(scopes),
        **fields,
    )
    return secret
