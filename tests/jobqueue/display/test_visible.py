"""Invisible characters, made visible."""

import pytest

from jobqueue.display.visible import visible, visible_json


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\tb\nc\r\n", "a\tb\nc\r\n"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("bell\x07 del\x7f", "bell␇ del␡"),
        ("pay\u202egnp.exe", "pay\\u202egnp.exe"),
        ("שלום \u200f🎉 مرحبا", "שלום \u200f🎉 مرحبا"),
        ("c1\x9b two\u2028lines", "c1\\u009b two\\u2028lines"),
    ],
)
def test_what_deceives_the_eye_is_seen(text: str, seen: str) -> None:
    assert visible(text) == seen
    assert visible(seen) == seen


def test_in_json_they_are_escaped_as_json_has_it() -> None:
    assert visible_json('"a\x7f\u2066"') == '"a\\u007f\\u2066"'
