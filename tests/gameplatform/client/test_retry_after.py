"""The Retry-After header in all its forms."""

from datetime import UTC, datetime

import pytest
import time_machine

from gameplatform.client.retry_after import seconds_asked


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0),
        (" 30 ", 30),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60),
        ("Wed, 21 Oct 2026 07:28:00 -0000", 60),
        ("Wed, 21 Oct 2026 07:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_it_is_read_as_seconds_from_now(header: str | None, seconds: float | None) -> None:
    with time_machine.travel(datetime(2026, 10, 21, 7, 27, tzinfo=UTC), tick=False):
        assert seconds_asked(header) == seconds
