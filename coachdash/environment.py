"""Reads the environment into typed settings; a wrong value ends the start with one clear sentence."""

import contextlib
import importlib.util
import os
import re
import secrets
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from coachdash import postgres

SHORTEST_MASKED = 6
"""Shorter secrets occur in too many other words to be masked wherever they stand."""

_TRUE = {"1", "true", "yes", "on"}
_SHORTEST_SECRET = 16
_SHORTEST_KEY = 50
_FALSE = {"0", "false", "no", "off", ""}


def read(dotenv: Path) -> environ.Env:
    """The process environment, completed (never overridden) by the `.env` file if there is one."""
    env = environ.Env()
    if dotenv.is_file():
        env.read_env(dotenv)
    return env


def folder_of(package: str) -> Path:
    """Where an installed package lies, without importing it.

    Raises:
        ImproperlyConfigured: it is not installed.
    """
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ImproperlyConfigured(f"The package {package} is missing: install what requirements.lock names.")
    return Path(found.origin).parent


def boolean(env: environ.Env, name: str, *, default: bool) -> bool:
    """true/false, yes/no, on/off or 1/0.

    Raises:
        ImproperlyConfigured: any other text.
    """
    text = env.str(name, default=None)
    if text is None:
        return default
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise _wrong(name, text, "true or false")
    return word in _TRUE


def words(env: environ.Env, name: str, *, default: Sequence[str]) -> list[str]:
    """A comma-separated list, spaces around the commas ignored."""
    text = env.str(name, default=None)
    if text is None:
        return list(default)
    return [word.strip() for word in text.split(",") if word.strip()]


def rotating_secret(env: environ.Env, name: str) -> list[str]:
    """A secret that callers must know, or two of them, separated by a comma, while one replaces the other; [] if unset.

    Raises:
        ImproperlyConfigured: more than two, or one that could be guessed. The message quotes none.
    """
    given = words(env, name, default=[])
    if len(given) > 2:
        raise ImproperlyConfigured(f"{name} holds {len(given)} secrets: expected one, or two while one is replaced.")
    short = next((secret for secret in given if len(secret) < _SHORTEST_SECRET), None)
    if short is not None:
        raise ImproperlyConfigured(
            f"{name} holds a secret of {len(short)} characters: expected at least {_SHORTEST_SECRET}, random, "
            'for example from `python -c "import secrets; print(secrets.token_urlsafe(32))"`.'
        )
    return given


def hosts(env: environ.Env, name: str, *, default: Sequence[str]) -> list[str]:
    """Host names, separated by commas; a dot before one means all below it.

    Raises:
        ImproperlyConfigured: an address, a port, or `*`, which would let any name through.
    """
    given = words(env, name, default=default)
    for host in given:
        if not re.fullmatch(r"\.?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*\.?|\[[0-9A-Fa-f:.]+\]", host):
            raise _wrong(
                name, host, "host names such as coach.example.org, separated by commas, without https:// or port"
            )
    return given


def origins(env: environ.Env, name: str) -> list[str]:
    """Origins, separated by commas; none if unset.

    Raises:
        ImproperlyConfigured: one without its scheme, or with a path.
    """
    given = words(env, name, default=[])
    for origin in given:
        if not re.fullmatch(r"https?://(\*\.)?[^\s/:*]+(:\d+)?", origin):
            raise _wrong(name, origin, "origins such as https://coach.example.org, separated by commas")
    return given


def number(env: environ.Env, name: str, *, default: int, most: int) -> int:
    """A whole number from 0 to `most`.

    Raises:
        ImproperlyConfigured: anything else.
    """
    text: str = env.str(name, default=str(default)).strip()
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise _wrong(name, text, f"a whole number from 0 to {most}")
    return int(text)


def choice(env: environ.Env, name: str, *, default: str, options: Sequence[str]) -> str:
    """One of the given words.

    Raises:
        ImproperlyConfigured: any other text.
    """
    text: str = env.str(name, default=default)
    if text not in options:
        raise _wrong(name, text, " or ".join(options))
    return text


def url(env: environ.Env, name: str, *, default: str) -> str:
    """An absolute http(s) address, without the slash at its end.

    Raises:
        ImproperlyConfigured: anything else.
    """
    text: str = env.str(name, default=default)
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise _wrong(name, text, "an address such as https://host/path")
    return text.rstrip("/")


def sentry_dsn(env: environ.Env) -> str:
    """SENTRY_DSN, where errors are sent; empty for nowhere.

    Raises:
        ImproperlyConfigured: no DSN, or the library for it is not installed.
    """
    text: str = env.str("SENTRY_DSN", default="")
    if text and not re.fullmatch(r"https?://\w+(:\w+)?@[^\s/@]+(/[^\s/]+)*/\d+", text):
        raise ImproperlyConfigured(
            "SENTRY_DSN is not what Sentry gives: expected https://KEY@HOST/PROJECT, or nothing to send no errors."
        )
    if text and importlib.util.find_spec("sentry_sdk") is None:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set, but sentry-sdk is not installed: expected `pip install sentry-sdk` first."
        )
    return text


def secret_key(env: environ.Env, *, debug: bool, kept_in: Path) -> str:
    """SECRET_KEY; a checkout in debug mode without one makes its own, once, readable by its owner only.

    Raises:
        ImproperlyConfigured: missing or short although DEBUG is off.
    """
    given: str = env.str("SECRET_KEY", default="")
    if given and (debug or len(given) >= _SHORTEST_KEY):
        return given
    if given:
        raise ImproperlyConfigured(
            f"SECRET_KEY has {len(given)} characters: with DEBUG off expected a random text of {_SHORTEST_KEY} or more."
        )
    if not debug:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set: with DEBUG off it must be a long random text, for example the output of "
            '`python -c "import secrets; print(secrets.token_urlsafe(50))"`.'
        )
    if not kept_in.exists():
        kept_in.parent.mkdir(parents=True, exist_ok=True)
        own = kept_in.with_name(f"{kept_in.name}.{os.getpid()}")
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(50))
        # A link, unlike a rename, leaves the key of a process that was quicker.
        with contextlib.suppress(FileExistsError):
            kept_in.hardlink_to(own)
        own.unlink()
    return kept_in.read_text().strip()


def database(env: environ.Env) -> dict[str, Any]:
    """Django's settings of the one database: DATABASE_URL, else the embedded PostgreSQL.

    Raises:
        ImproperlyConfigured: another engine than PostgreSQL, or a URL without a database name.
    """
    if postgres.wanted():
        config = postgres.django_settings()
    else:
        text: str = env.str("DATABASE_URL")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they would quote the URL with its password
                config = env.db_url("DATABASE_URL")
        except Exception as error:
            raise _wrong_database(text) from error
        if config.get("ENGINE") != "django.db.backends.postgresql" or not config.get("NAME"):
            raise _wrong_database(text)
    config.setdefault("CONN_MAX_AGE", 60)
    config.setdefault("CONN_HEALTH_CHECKS", True)
    return config


def _wrong(name: str, text: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is {text!r}: expected {expected}.")


def _wrong_database(text: str) -> ImproperlyConfigured:
    shown = re.sub(r"^(\w+://)?.*@", r"\1…@", text, flags=re.DOTALL)  # never print a password
    return _wrong("DATABASE_URL", shown, "postgres://user:password@host:port/name (only PostgreSQL is supported)")
