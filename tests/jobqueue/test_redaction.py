"""What is masked in what is stored and shown, and what is not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from jobqueue.redaction import MASK, is_secret_key, known_secrets, redact, redact_text, secrets_in, spellings

SECRET_KEYS = [
    "password", "Password", "PASSWD", "dbPassword", "DB_PASSWORD", "dbpassword", "smtp_pass", "passphrase", "pwd",
    "secret", "clientSecret", "runner-secret", "SECRET_KEY", "token", "apiToken", "accesstoken", "x-auth-token",
    "apiKey", "api_key", "API-KEY", "APIKey", "x-api-key", "apikey", "Authorization", "Proxy-Authorization", "cookie",
    "Set-Cookie", "credentials", "privateKey", "private_key", "session", "sessionId", "JSESSIONID", "csrfToken",
    "csrfmiddlewaretoken", "X-CSRFToken", "AWS_SECRET_ACCESS_KEY", "oauth2Token", "auth", "signing_key",
]  # fmt: skip
OTHER_KEYS = [
    "tokenizer", "secretary", "passwordless", "compass", "passCount", "key", "keyboard", "monkey", "publicKey",
    "author", "authMethod", "tokenType", "token_expires_at", "passwordChangedAt", "maxTokens", "tokensUsed",
    "obsession", "name", "", "é", "coachId", "total_tokens", "password_required", "bypass",
]  # fmt: skip


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_a_secrets_key_is_known_in_every_spelling(key: str) -> None:
    assert is_secret_key(key)
    assert redact({key: "hunter2"}) == {key: MASK}


@pytest.mark.parametrize("key", OTHER_KEYS)
def test_a_key_that_only_resembles_one_is_not_masked(key: str) -> None:
    assert not is_secret_key(key)
    assert redact({key: "hunter2"}) == {key: "hunter2"}


class TestJson:
    def test_the_shape_stays(self) -> None:
        value = {
            "coach": {"id": 3, "credentials": {"user": "bob", "pins": [1234, ""], "isOld": True}},
            "tokens": ["a", None, {"value": "b"}],
            "rows": [[1, 2.5], "text"],
        }
        assert redact(value) == {
            "coach": {"id": 3, "credentials": {"user": MASK, "pins": [MASK, ""], "isOld": True}},
            "tokens": [MASK, None, {"value": MASK}],
            "rows": [[1, 2.5], "text"],
        }

    @pytest.mark.parametrize("value", [None, True, False, "", {}, []])
    def test_what_says_nothing_is_left(self, value: Any) -> None:
        assert redact({"password": value}) == {"password": value}

    def test_the_value_beside_a_secrets_name_is_masked(self) -> None:
        headers = [{"name": "Authorization", "value": "abc"}, {"name": "Accept", "value": "*/*"}]

        assert [header["value"] for header in redact(headers)] == [MASK, "*/*"]

    def test_texts_are_read_for_secrets_too(self) -> None:
        assert redact(["postgres://bob:hunter2@db/main"]) == [f"postgres://bob:{MASK}@db/main"]

    def test_what_was_given_is_not_changed(self) -> None:
        value = {"token": ["a"]}
        redact(value)

        assert value == {"token": ["a"]}

    def test_what_is_nested_too_deep_to_be_read_is_not_shown(self) -> None:
        value: Any = {"password": "hunter2"}
        for _ in range(5_000):
            value = [value]

        assert "hunter2" not in str(redact(value)[0][0])[:10_000]

    def test_secrets_are_found_to_be_known_again(self) -> None:
        value = {"token": "abcdef", "pin": {"password": [12345678, "short", True]}, "name": "abcdefgh"}

        assert sorted(secrets_in(value)) == ["12345678", "abcdef"]


TEXTS = [
    ("Bearer abc", "Bearer •"),
    ("sent bearer eyabc.def-_~+/=, then", "sent bearer •, then"),
    ("basic dXNlcjpwYXNz", "basic •"),
    ("Authorization: Bearer abc", "Authorization: •"),
    ('Authorization: Digest username="a", response="b"\nAccept: c', 'Authorization: •"\nAccept: c'),
    ("Cookie: a=b; c=d\r\nHost: e", "Cookie: •\r\nHost: e"),
    ("token=xxx", "token=•"),
    ("password: xxx, then", "password: •, then"),
    ("Login(user='bob', password='x y')", "Login(user='bob', password='•')"),
    ('{"apiKey": "x\\"y", "n": 1}', '{"apiKey": "•", "n": 1}'),
    ('"{\\"token\\": \\"x\\\\\\"y\\", \\"n\\": 1}"', '"{\\"token\\": \\"•\\", \\"n\\": 1}"'),
    ("{'Cookie': 'a=b; c=d', 'n': 1}", "{'Cookie': '•', 'n': 1}"),
    ("b'x-api-key: abc'", "b'x-api-key: •'"),
    ("{'token': b'abc'}", "{'token': b'•'}"),
    ('{"password": "cut he', '{"password": "•'),
    ("GET /x?token=a%20b&page=2 HTTP/1.1", "GET /x?token=•&page=2 HTTP/1.1"),
    ("?a%26token=abc", "?a%26token=•"),
    ("postgres://bob:hunter2@db:5432/main", "postgres://bob:•@db:5432/main"),
    ("https://:p@ss@host/", "https://:•@host/"),
    ("got eyJhbGciOiJ9.eyJzdWIiOiI.c2lnbmF0dXJl here", "got • here"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nnext", "•\nnext"),
    ("-----BEGIN PRIVATE KEY-----\\nMII and nothing after", "•"),
    ("mysql --password hunter2 -e x", "mysql --password • -e x"),
    ("['mysql', '--password', 'hunter2', '-e']", "['mysql', '--password', '•', '-e']"),
    ("--db-password=hunter2", "--db-password=•"),
    ("secrets=['a', 'b'] left", "secrets=[•] left"),
    ("form[secret]=abc", "form[secret]=•"),
    ("api key: abc", "api key: •"),
    ("secret=access token=abc", "secret=• token=•"),
    ("the password = 'hunter2'", "the password = '•'"),
]


@pytest.mark.parametrize(("text", "masked"), TEXTS)
def test_a_secret_in_a_text_is_masked(text: str, masked: str) -> None:
    assert redact_text(text) == masked.replace("•", MASK)


@pytest.mark.parametrize(
    "text",
    [
        "", "12 solves written in 0.35 s", "The token expired", "the password is wrong", "bearer token missing",
        "basic training: done", "tokenizer=gpt", "token=None password=true secret=null session=''",
        "https://example.com:8000/bob@example.com", "    token = self.fetch_token(account)", "passwordless: yes",
        "keyword: value", "<Session object at 0x7f>", "-----BEGIN CERTIFICATE-----\nMII",
    ],
)  # fmt: skip
def test_a_text_without_secrets_is_left_alone(text: str) -> None:
    assert redact_text(text) == text


_PIECES = st.sampled_from(
    [
        *(text for text, _ in TEXTS), "token", "secret", "Cookie", "bearer", "basic", "password", "--", "-", "=", ":",
        "://", "@", "eyJabcdef", ".", " ", ", ", '"', "'", "\\", "[", "]", "(", ")", "\n", "&", "x", "hunter2",
        MASK, "api ",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = redact_text(text)

    assert redact_text(once) == once


@given(st.lists(_PIECES, max_size=5).map("".join), st.text("abcdef0123456789", min_size=12, max_size=40))
def test_a_known_key_hides_its_value_in_json_whatever_is_around(around: str, secret: str) -> None:
    document = json.dumps({"note": around, "apiToken": secret, "end": 1})

    assert secret not in json.dumps(redact(json.loads(document)))
    assert secret not in redact_text(document)


@pytest.mark.parametrize(
    "piece",
    [
        "a", "a=", "token=", "token=)", 'token:"', "token=[", "token:\\", "eyJ", "eyJaaaaa.", "://", "://a:", "://:",
        "bearer ", "basic ", "-", "--a ", "api ", "key ", "\\", "\"'", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ",
        "password: ",
    ],
)  # fmt: skip
def test_a_megabyte_made_to_be_hard_is_read_all_the_same(piece: str) -> None:
    # Were the time quadratic, this would go on for hours.
    text = piece * (1_000_000 // len(piece))

    assert "hunter2" not in redact_text(f"{text} token=hunter2 {text}")


class TestKnownSecrets:
    def test_djangos_secret_key_and_the_databases_passwords_are_masked_always(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.SECRET_KEY = "of django's own"
        monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "pw&with/signs")

        assert redact_text("of django's own, pw&with/signs, pw%26with%2Fsigns") == f"{MASK}, {MASK}, {MASK}"

    @pytest.mark.parametrize("given", [["from outside", "in"], lambda: ("from outside", "in")])
    def test_the_project_names_more_of_them(self, settings: Settings, given: list[str] | Callable[[], Any]) -> None:
        settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SECRETS": given}

        assert redact_text("it came from outside in time") == f"it came {MASK} {MASK} time"
        assert redact({"a": ["from outside"]}) == {"a": [MASK]}

    def test_a_project_that_cannot_name_them_stops_nothing(self, settings: Settings) -> None:
        def broken() -> list[str]:
            raise RuntimeError("the vault is closed")

        settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SECRETS": broken}

        assert redact_text("token=abc") == f"token={MASK}"

    def test_short_ones_are_not_searched_for(self, settings: Settings) -> None:
        settings.SECRET_KEY = "short"

        assert "short" not in known_secrets()

    def test_a_secret_within_another_leaves_no_rest_of_it(self) -> None:
        assert redact_text("abcdefghi", spellings(["abcdef", "abcdefghi"])) == MASK

    @pytest.mark.parametrize("form", [str, repr, json.dumps])
    def test_a_secret_with_lines_and_quotes_is_known_in_its_other_spellings(self, form: Callable[[str], str]) -> None:
        secret = 'line one\nline "two"\té'

        assert redact_text(f"<{form(secret)}>", spellings([secret])).strip("<>\"'") == MASK
