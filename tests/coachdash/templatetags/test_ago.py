"""Times as they are said."""

from datetime import UTC, datetime, timedelta

import pytest

from coachdash.templatetags.coachdash import ago, relative

NOW = datetime(2026, 7, 3, 14, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=44), "just now"),
        (timedelta(seconds=46), "1 minute ago"),
        (timedelta(seconds=100), "2 minutes ago"),
        (timedelta(minutes=44), "44 minutes ago"),
        (timedelta(minutes=46), "1 hour ago"),
        (timedelta(hours=17), "17 hours ago"),
        (timedelta(hours=30), "1 day ago"),
        (timedelta(days=20), "20 days ago"),
        (timedelta(days=45), "2 months ago"),
        (timedelta(days=300), "1 year ago"),
    ],
)
def test_a_time_is_said_in_one_unit(age: timedelta, said: str) -> None:
    assert relative(NOW - age, NOW) == said


def test_no_time_is_said_as_nothing() -> None:
    assert ago(None) == ""
