"""The demo's log-ins: generated once, then kept in a file that only its owner can read."""

import os
import secrets
from pathlib import Path

import msgspec
from django.contrib.auth.hashers import make_password

ROLES = {"admin": "Admin", "manager": "Manager", "alice": "Coach", "bob": "Coach"}


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A demo user; `group` is one of the site's roles, `encoded` the password as the database keeps it."""

    username: str
    group: str
    password: str
    encoded: str


def kept_logins(path: Path) -> list[Login]:
    """The log-ins in the file; the first call makes it. They are the same as long as it exists.

    Raises:
        msgspec.DecodeError: the file holds something else.
    """
    if not path.exists():
        logins = [_new_login(username, group) for username, group in ROLES.items()]
        _write(path, msgspec.json.format(msgspec.json.encode(logins)))
    return msgspec.json.decode(path.read_bytes(), type=list[Login])


def _new_login(username: str, group: str) -> Login:
    password = secrets.token_urlsafe(9)
    return Login(username=username, group=group, password=password, encoded=make_password(password))


def _write(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(text)
    fresh.replace(path)
