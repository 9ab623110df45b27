"""Durations as operators write them."""

from datetime import timedelta

import pytest

from jobqueue.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        (" 2H ", timedelta(hours=2)),
        ("14d", timedelta(days=14)),
        ("0s", timedelta()),
        ("999999999s", timedelta(seconds=999_999_999)),
    ],
)
def test_a_number_with_a_unit_is_a_duration(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "1.5h", "5 m", "5w", "1h30m", "1000000000s", "5m\0"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 90s, 5m, 2h or 14d"):
        parse_duration(text)
