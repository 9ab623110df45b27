"""When the platform itself is asked, and what stops everything at once."""

import pytest

from gameplatform.exceptions import CallError, NotFound, RateLimited, Unauthorized, Unavailable
from gameplatform.providers import provider
from gameplatform.sync.outage import OutageWatch
from tests.gameplatform.platform import Platform


def error(kind: type[CallError]) -> CallError:
    return kind("broken", method="GET", path="/users")


def watch() -> OutageWatch:
    return OutageWatch(provider(), patience=3, longest_pause=20)


def health_checks(platform: Platform) -> int:
    return sum(platform.requests()["by_endpoint"].get("GET /", {}).values())


def test_a_refused_token_stops_everything_at_once(platform: Platform) -> None:
    with pytest.raises(Unauthorized):
        watch().saw(error(Unauthorized))

    assert health_checks(platform) == 0


@pytest.mark.parametrize(("asked", "stops"), [(None, False), (20, False), (21, True)])
def test_only_a_long_pause_stops_everything(platform: Platform, asked: float | None, stops: bool) -> None:
    limited = RateLimited("slow down", method="GET", path="/users", retry_after=asked)
    if stops:
        with pytest.raises(RateLimited):
            watch().saw(limited)
    else:
        watch().saw(limited)


def test_failures_among_successes_are_nobodys_business(platform: Platform) -> None:
    seen = watch()
    for outcome in (error(Unavailable), error(NotFound), None) * 5:
        seen.saw(outcome)

    assert health_checks(platform) == 0


def test_many_failures_in_a_row_on_a_healthy_platform_are_let_pass(platform: Platform) -> None:
    seen = watch()
    for _ in range(7):
        seen.saw(error(NotFound))

    assert health_checks(platform) == 2
