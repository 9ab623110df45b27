"""Calling the API in tests: with a token or a log-in, in JSON."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.contrib.auth.models import Permission, User
from django.test import Client

from jobqueue.audit import Actor
from jobqueue.models.audit_entry import Channel
from jobqueue.operations import create_token

ALL = ("view_job", "operate_job", "delete_job", "view_schedule", "add_schedule", "change_schedule", "delete_schedule")
SCOPES = ("jobs:read", "jobs:write", "jobs:delete")
_SHELL = Actor(name="test", channel=Channel.CLI)


@dataclass(frozen=True, kw_only=True)
class Got:
    """An answer."""

    status: int
    json: Any
    headers: Any

    @property
    def error(self) -> Any:
        """What is wrong, which every error says in the same shape."""
        assert self.headers["Content-Type"] == "application/json"
        assert set(self.json) == {"error"}
        assert {"code", "message"} <= set(self.json["error"]) <= {"code", "message", "fields"}
        return self.json["error"]


@dataclass(frozen=True, kw_only=True)
class Api:
    """Somebody who calls."""

    client: Client = field(default_factory=Client)
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Got:
        """Call an address under /api/; a body of bytes is sent as it is."""
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        kind = headers.pop("content_type", "application/json")
        sent = {**self.headers, **headers}
        response = self.client.generic(method, f"/api/{path}", content, content_type=kind, headers=sent)
        return Got(status=response.status_code, json=_decoded(response.content), headers=response.headers)

    def get(self, path: str, **headers: str) -> Got:
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Got:
        """POST."""
        return self.call("POST", path, body, **headers)


def make_user(name: str, *codenames: str) -> User:
    """A user with these permissions of the queue."""
    user = User.objects.create_user(name)
    wanted = Permission.objects.filter(content_type__app_label="jobqueue", codename__in=codenames)
    assert len(wanted) == len(codenames)
    user.user_permissions.set(wanted)
    return user


def by_token(owner: User, *scopes: str, **client: Any) -> Api:
    """A program with a token of this user's."""
    _, secret = create_token(owner, _SHELL, name=f"{scopes} {client}", scopes=scopes or SCOPES, expires_at=None)
    return Api(client=Client(**client), headers={"authorization": f"Bearer {secret}"})


def by_log_in(user: User, **client: Any) -> Api:
    """A browser."""
    own = Client(**client)
    own.force_login(user)
    return Api(client=own)


def _decoded(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        return None
