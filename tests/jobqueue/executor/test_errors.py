"""What is kept of whatever a handler raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.exceptions import PermanentError
from jobqueue.executor.errors import code_of, message_of, storable, traceback_of


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class CodedError(Exception):
    def __init__(self, code: object) -> None:
        self.error_code = code


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
        (type("E" * 99, (Exception,), {})(), "E" * 64),
    ],
)
def test_a_code_to_group_by_is_found_for_every_error(error: BaseException, code: str) -> None:
    assert code_of(error) == code


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


@given(st.text(st.characters(codec=None)))
def test_whatever_text_becomes_storable(text: str) -> None:
    kept = storable(text)

    assert "\0" not in kept
    kept.encode()
    if text.isascii() and "\0" not in text:
        assert kept == text
