"""Times in words."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from jobqueue.templatetags import jobqueue_times as times

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "now"),
        (timedelta(seconds=-5), "5 s ago"),
        (timedelta(minutes=-3, seconds=-59), "3 min ago"),
        (timedelta(hours=2, minutes=30), "in 2 h"),
        (timedelta(days=3), "in 3 d"),
    ],
)
def test_a_time_is_told_relative_to_now(span: timedelta, words: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert times.relative(NOW + span) == words


def test_the_exact_time_is_on_hover() -> None:
    assert 'title="2026-11-22 06:00:00 UTC"' in times.ago(NOW)
    assert times.ago(None) == '<span class="jq-none">&ndash;</span>'


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4217, "0.42 s"),
        (59.9, "59 s"),
        (185, "3 min 5 s"),
        (7_440, "2 h 4 min"),
        (93_600, "1 d 2 h"),
        (-1, "0.00 s"),
    ],
)
def test_a_duration_has_two_figures(seconds: float, words: str) -> None:
    assert times.length_of_time(timedelta(seconds=seconds)) == words
