"""Masking secrets in what is stored and shown: JSON values by their keys, text by what secrets look like.

Every pattern here is tried once per place and gives up at once or takes what it has read, so that the time is
proportional to the text, whoever wrote it.
"""

import base64
import binascii
import json
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from django.conf import settings

from jobqueue.conf import conf

log = logging.getLogger("jobqueue.redaction")

MASK = "••••••"
SHORTEST_SECRET = 6
"""Shorter values of a payload or a setting are masked by their key alone: they occur in too many other words."""

_DEEPEST = 200

# -- keys -------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORDS = frozenset(
    (
        "password", "passwords", "passwd", "pwd", "passphrase", "passcode", "secret", "secrets", "token", "tokens",
        "authorization", "cookie", "cookies", "credential", "credentials", "csrf", "xsrf", "session", "sessid",
        "apikey", "apikeys", "privatekey", "secretkey", "accesskey", "jwt", "bearer",
    )
)  # fmt: skip
_SECRET_AT_THE_END = frozenset({"pass", "auth", "otp"})  # but not `passCount` or `authMethod`
_SECRET_ENDS = ("password", "passwd", "secret", "token", "cookie", "sessionid", "sessid", "apikey", "privatekey")
_SECRET_KEYS = frozenset({"api", "private", "access", "secret", "signing", "encryption", "auth"})
# `token_type`, `password_changed_at`, `max_tokens`: about a secret, not the secret.
_ABOUT = frozenset(
    (
        "at", "age", "count", "counts", "expires", "expiry", "field", "hint", "length", "limit", "name", "policy",
        "required", "seconds", "ttl", "type", "url", "used",
    )
)  # fmt: skip
_MOST = frozenset({"max", "min", "total", "num", "number"})
_LONGEST_KEY = 100


def is_secret_key(key: str) -> bool:
    """Whether a value under this key should not be seen, such as `apiKey`, `DB_PASSWORD` or `x-auth-token`."""
    return _is_secret_key(key[-_LONGEST_KEY:])


@lru_cache(maxsize=4096)
def _is_secret_key(key: str) -> bool:
    words = [word.lower() for word in _WORD.findall(key)]
    if not words or words[-1] in _ABOUT or words[0] in _MOST:
        return False
    if words[-1] in _SECRET_AT_THE_END:
        return True
    if any(word in _SECRET_WORDS or word.endswith(_SECRET_ENDS) for word in words):
        return True
    return any(last in ("key", "keys") and first in _SECRET_KEYS for first, last in pairwise(words))


# -- JSON -------------------------------------------------------------------------------------------------------


def redact(value: Any, secrets: Sequence[str] | None = None) -> Any:
    """A copy of a JSON value with its secrets masked; its shape, booleans, nulls and empty texts stay.

    Args:
        secrets: as for `redact_text`.
    """
    return _redacted(value, known_secrets() if secrets is None else secrets, is_secret=False, depth=0)


def _redacted(value: Any, secrets: Sequence[str], *, is_secret: bool, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if depth > _DEEPEST:
        return MASK
    if isinstance(value, dict):
        hidden = _is_named_secret(value)
        return {
            key: _redacted(
                inner,
                secrets,
                is_secret=is_secret or is_secret_key(str(key)) or (hidden and key == "value"),
                depth=depth + 1,
            )
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(inner, secrets, is_secret=is_secret, depth=depth + 1) for inner in value]
    if is_secret:
        return MASK if value != "" else value
    return redact_text(value, secrets) if isinstance(value, str) else value


def _is_named_secret(pair: dict[Any, Any]) -> bool:
    """Whether this is like {"name": "Authorization", "value": ...}."""
    name = pair.get("name", pair.get("key"))
    return "value" in pair and isinstance(name, str) and is_secret_key(name)


def secrets_in(value: Any) -> list[str]:
    """The values under secret-looking keys of a JSON value that are long enough to be known again in a text."""
    return [text for text in _leaves(value, is_secret=False, depth=0) if len(text) >= SHORTEST_SECRET]


def _leaves(value: Any, *, is_secret: bool, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        hidden = _is_named_secret(value)
        for key, inner in value.items():
            is_inner = is_secret or is_secret_key(str(key)) or (hidden and key == "value")
            yield from _leaves(inner, is_secret=is_inner, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, is_secret=is_secret, depth=depth + 1)
    elif is_secret and value is not None and not isinstance(value, bool):
        yield str(value)


# -- secrets that are known -------------------------------------------------------------------------------------


def known_secrets() -> tuple[str, ...]:
    """Django's secret key, the databases' passwords, what the worker endpoint asks for, and what `JOB_QUEUE["SECRETS"]`
    names; longest first.
    """
    found = {settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", ())}
    found |= {str(database.get("PASSWORD") or "") for database in settings.DATABASES.values()}
    found |= {*conf().RUNNER_SECRETS, *conf().CRON_SECRETS, *conf().METRICS_TOKENS}
    return spellings([*(text for text in found if len(text) >= SHORTEST_SECRET), *_named_secrets()])


_has_complained = False


def _named_secrets() -> list[str]:
    global _has_complained  # noqa: PLW0603
    named = conf().SECRETS
    try:
        return [text for text in (named() if callable(named) else named) if text]
    except Exception as error:  # noqa: BLE001  it is the project's code, and what asks here is mostly an error's report
        if not _has_complained:
            _has_complained = True  # first, for the line that is logged asks again
            log.error("JOB_QUEUE['SECRETS'] raised %s: what it names is not masked.", type(error).__name__)
        return []


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Each secret as it is, as in JSON or `repr`, and as in a URL; the longest first, for one may hold another."""
    forms = {form for text in secrets for form in _forms(text)}
    return tuple(sorted(forms, key=len, reverse=True))


def _forms(text: str) -> tuple[str, ...]:
    return text, json.dumps(text)[1:-1], repr(text)[1:-1], quote(text, "", errors="replace")


# -- text -------------------------------------------------------------------------------------------------------

# In lower case. Where none of them occurs, no pattern below can match.
_TRIGGERS = (
    "pass", "pwd", "secret", "token", "key", "auth", "cookie", "credential", "bearer", "basic", "csrf", "xsrf",
    "sess", "jwt", "eyj", "jqt_", "otp", "://",
)  # fmt: skip

_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{5,}+\.[\w-]{5,}+(?:\.[\w-]*+){1,3}", re.ASCII)
_API_TOKEN = re.compile(r"(?<![\w-])jqt_[\w-]{20,}+", re.ASCII)
_IN_URL = re.compile(r"(://[^\s/?#:@\"'<>]*+:)[^\s/?#\"'<>]*@")
_SCHEME = re.compile(r"\b(bearer|basic)([ \t]{1,8})(?!tokens?\b|auth)([^\s\"',;\\]++)", re.IGNORECASE)

# A key up to its value: `apiKey: `, `"password": `, `\"token\":`, `form[secret]=`, `--password `, `'--token', `.
_KEY = re.compile(
    r"(?<![A-Z0-9_-])(?:(?P<dashes>--)-*+|-)?+(?P<key>(?:(?:api|private|access|secret)\ )?[A-Z0-9_][A-Z0-9_-]*+)"
    r"(?:\\*+[\"']?\]?[ \t]{0,4}(?P<sign>=>|:=|==?|:)[ \t]{0,4}"
    r"|(?(dashes)(?:[ \t]{1,4}|[\"']?,[ \t]{0,4})(?=[^\s-])|(?!)))",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"[bru]{0,2}(\\*+[\"'])", re.IGNORECASE)
_QUOTED = {
    '"': re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL),
    "'": re.compile(r"(?:[^'\\]|\\.)*+", re.DOTALL),
    # JSON inside JSON: there an inner quote is \\\", the closing one is \".
    '\\"': re.compile(r'(?:[^"\\]|\\\\(?:\\.|[^\\])|\\[^"\\])*+', re.DOTALL),
    "\\'": re.compile(r"(?:[^'\\]|\\\\(?:\\.|[^\\])|\\[^'\\])*+", re.DOTALL),
}
_QUOTED_DEEPER = re.compile(r"[^\"']*+")
_LIST = re.compile(r"\[([^\]]*+)|\(([^)]*+)")
_LINE = re.compile(r"[^\r\n]*[^\r\n\"']")
_PLAIN = re.compile(r"[^\s&\"'<>]*[^\s&\"'<>,;.)\]}]")
_ENDS_KEY = re.compile(r"\\*+[\"'][ \t]{0,4}[:=]")
_CALL = re.compile(r"[A-Za-z_][\w.]*+[(\[]")
_NO_SECRETS = frozenset({"", "true", "false", "none", "null", "[", "{", "("})


def redact_text(text: str, secrets: Sequence[str] | None = None) -> str:
    """The text with what looks like a secret masked; doing it twice changes nothing more.

    Args:
        secrets: exact texts to mask wherever they occur, as `spellings` gives them; by default `known_secrets`.
    """
    for secret in known_secrets() if secrets is None else secrets:
        if secret in text:
            text = text.replace(secret, MASK)
    lowered = text.lower()
    if not any(trigger in lowered for trigger in _TRIGGERS):
        return text
    text = _PEM.sub(MASK, text)
    text = _JWT.sub(MASK, text)
    text = _API_TOKEN.sub(MASK, text)
    text = _IN_URL.sub(rf"\1{MASK}@", text)
    text = _SCHEME.sub(_without_token, text)
    return _without_values(text)


def _without_token(found: re.Match[str]) -> str:
    scheme, gap, token = found.groups()
    if scheme.lower() == "basic" and not _is_name_and_password(token):
        return found[0]  # such as "basic training"
    return f"{scheme}{gap}{MASK}"


def _is_name_and_password(token: str) -> bool:
    try:
        return b":" in base64.b64decode(f"{token}==")
    except (binascii.Error, ValueError):
        return False


def _without_values(text: str) -> str:
    parts: list[str] = []
    done = at = 0
    while (key := _KEY.search(text, at)) is not None:
        at = key.end()
        if is_secret_key(key["key"]) and (span := _value(text, key)) is not None:
            parts += (text[done : span[0]], MASK)
            done = at = span[1]
    return "".join([*parts, text[done:]]) if parts else text


def _value(text: str, key: re.Match[str]) -> tuple[int, int] | None:
    """Where the secret after its key begins and ends; None if there is none."""
    at = key.end()
    if opening := _QUOTE.match(text, at):
        inside = _QUOTED.get(opening[1], _QUOTED_DEEPER).match(text, opening.end())
        span = inside.span() if inside else None
    elif items := _LIST.match(text, at):
        span = items.span(items.lastindex or 0)
    elif found := _bare(text, at, key):
        span = found.span()
    else:
        return None
    if span is None or text[slice(*span)].strip().lower() in _NO_SECRETS:
        return None
    if key["sign"] is None and _ENDS_KEY.match(text, span[1]):
        return None  # `"--token", "name": ...` is no list of arguments: what follows is another key
    return span


def _bare(text: str, at: int, key: re.Match[str]) -> re.Match[str] | None:
    if key["sign"] == ":" and key["key"].lower().endswith(("authorization", "cookie")):
        return _LINE.match(text, at)
    if key["sign"] == "=" and key[0].endswith(" = ") and _CALL.match(text, at):
        return None  # a line of source in a traceback: `token = self.fetch_token(`
    return _PLAIN.match(text, at)
