"""What is kept of whatever a handler raised."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.exceptions import PermanentError
from jobqueue.executor import masking
from jobqueue.executor.errors import class_of, code_of, message_of, storable, traceback_of
from jobqueue.redaction import MASK


@pytest.fixture(autouse=True)
def _no_secrets_of_another_job() -> Iterator[None]:
    yield
    masking.begin("{}")


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class CodedError(Exception):
    def __init__(self, code: object) -> None:
        self.error_code = code


class SpeechlessError(Exception):
    @property
    def error_code(self) -> str:
        raise RuntimeError("no code")


def _raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001
        return caught


def _nested(depth: int) -> BaseException:
    error: BaseException = ValueError("innermost")
    for level in range(depth):
        outer = ValueError(f"level {level} " + "x" * 200)
        outer.__cause__ = error
        error = _raised(outer)
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermanentError("AUTH_ERROR", "no"), "AUTH_ERROR"),
        (CodedError("RATE_LIMIT"), "RATE_LIMIT"),
        (CodedError(""), "CodedError"),
        (CodedError(404), "CodedError"),
        (CodedError("C" * 99), "C" * 64),
        (CodedError("a\0"), "a␀"),
        (TimeoutError(), "TIMEOUT"),
        (ConnectionResetError(), "NETWORK_ERROR"),
        (ValueError("x"), "ValueError"),
        (SystemExit(3), "SystemExit"),
        (SpeechlessError(), "SpeechlessError"),
        (type("E" * 99, (Exception,), {})(), "E" * 64),
    ],
)
def test_a_code_to_group_by_is_found_for_every_error(error: BaseException, code: str) -> None:
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("error", "path"),
    [
        (ValueError("x"), "ValueError"),
        (MuteError(), "tests.jobqueue.executor.test_errors.MuteError"),
        (PermanentError("A", "b"), "jobqueue.exceptions.PermanentError"),
        (type("Inner", (Exception,), {"__module__": "a.b", "__qualname__": "Outer.Inner"})(), "a.b.Outer.Inner"),
        (type("E" * 999, (Exception,), {"__module__": "a"})(), "a." + "E" * 253),
        (type("E", (Exception,), {"__module__": None})(), "None.E"),
    ],
)
def test_the_class_of_an_error_is_told_by_its_path(error: BaseException, path: str) -> None:
    assert class_of(error) == path


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("no such account"), "no such account"),
        (ValueError(), "ValueError"),
        (KeyError("name"), "'name'"),
        (SystemExit("bye"), "bye"),
        (MuteError(), "MuteError (its message raised RuntimeError)"),
        (ValueError("a\0b"), "a␀b"),
        (ValueError("half \ud800 pair"), "half ? pair"),
    ],
)
def test_a_message_is_found_for_every_error(error: BaseException, message: str) -> None:
    assert message_of(error) == message


def test_of_a_long_message_the_beginning_and_the_end_are_kept() -> None:
    message = message_of(ValueError("begin" + "x" * 100_000 + "end"))

    assert message.startswith("beginxxx")
    assert message.endswith("xxxend")
    assert "\n… 98008 characters dropped …\n" in message
    assert len(message) < 2_100


def test_a_traceback_names_the_line_and_the_error() -> None:
    text = traceback_of(_raised(ValueError("no such account")))

    assert text.startswith("Traceback (most recent call last):")
    assert "test_errors.py" in text
    assert text.endswith("ValueError: no such account\n")


def test_a_traceback_shows_where_a_mute_error_came_from() -> None:
    assert "raise error" in traceback_of(_raised(MuteError()))


def test_of_a_long_traceback_both_ends_are_kept() -> None:
    text = traceback_of(_nested(200))

    assert "innermost" in text
    assert "level 199" in text
    assert "characters dropped" in text
    assert len(text) < 33_000


def test_secrets_are_masked_in_messages_and_tracebacks() -> None:
    masking.begin('{"account": {"apiToken": "of this job"}, "name": "bob is here"}')
    error = _raised(ValueError("bob is here, of this job, password=hunter2"))

    assert message_of(error) == f"bob is here, {MASK}, password={MASK}"
    text = traceback_of(error)
    assert "bob is here" in text
    assert "of this job" not in text
    assert "hunter2" not in text


def test_the_next_job_has_secrets_of_its_own() -> None:
    masking.begin('{"token": "of this job"}')
    message_of(ValueError("of this job"))
    masking.begin("{}")

    assert message_of(ValueError("of this job")) == "of this job"


@pytest.mark.parametrize("payload", ["", "{broken", "[" * 100_000, '{"token": "short"}', '{"tokens": []}'])
def test_a_payload_without_readable_secrets_masks_nothing(payload: str) -> None:
    masking.begin(payload)

    assert message_of(ValueError("a short token [")) == "a short token ["


@pytest.mark.parametrize("before", [950, 980, 990, 1_000, 2_000, 99_990, 100_000])
def test_no_cut_leaves_half_a_secret(before: int) -> None:
    secret = "s3cr3t" * 5
    masking.begin(f'{{"token": "{secret}"}}')
    text = message_of(ValueError("x" * before + secret + "x" * 300_000 + secret + "x" * before))

    assert not any(secret[at : at + 6] in text for at in range(len(secret) - 6))


@given(st.text(st.characters(codec=None)))
def test_whatever_text_becomes_storable(text: str) -> None:
    kept = storable(text)

    assert "\0" not in kept
    kept.encode()
    if text.isascii() and "\0" not in text:
        assert kept == text
