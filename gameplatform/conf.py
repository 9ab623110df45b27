"""The settings of this app: Django's `GAME_PLATFORM` dict over typed defaults, read on access for tests to override."""

from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from django.conf import settings

from gameplatform.exceptions import NotConfigured


@dataclass(frozen=True, kw_only=True)
class Conf:
    """Every setting with its default; SECONDS are seconds, the others say what they are."""

    ENABLED: bool = True
    PROVIDER: str = "metactf"
    API_BASE_URL: str = "https://api.metactf.com/integrations/syned/v1"
    API_TOKEN: str = field(default="", repr=False)

    CONNECT_TIMEOUT_SECONDS: float = 5.0
    READ_TIMEOUT_SECONDS: float = 10.0
    """Between two pieces of an answer."""
    ANSWER_TIMEOUT_SECONDS: float = 30.0
    """For the whole of an answer, however steadily it drips."""
    ANSWER_MAX_BYTES: int = 32 * 1024 * 1024
    CALL_TRIES: int = 5
    """How often one idempotent call is sent in all."""
    BACKOFF_SECONDS: float = 0.25
    """The wait before the second try; it doubles from try to try."""
    BACKOFF_CAP_SECONDS: float = 8.0
    RETRY_AFTER_CAP_SECONDS: float = 20.0
    """A platform that asks for a longer wait gets it between jobs, not inside one."""
    PARSE_TRIES: int = 3
    """How often a call whose answer cannot be read is made anew."""
    CONCURRENCY: int = 16

    BATCH_SIZE: int = 100
    WATERMARK_OVERLAP: timedelta = timedelta(hours=1)
    """How far behind the newest solve each account is asked again, for solves that arrive late."""
    FULL_EVERY: timedelta = timedelta(days=1)
    """How often an account's whole practice history is fetched and its totals are compared."""
    PROFILE_EVERY: timedelta = timedelta(days=1)
    FLASH_EVERY: timedelta = timedelta(minutes=30)
    FLASH_LIVE_EVERY: timedelta = timedelta(seconds=20)
    """Instead of FLASH_EVERY while an event began less than FLASH_LIVE_FOR ago."""
    FLASH_LIVE_FOR: timedelta = timedelta(hours=24)

    TIERS: tuple[tuple[timedelta, timedelta], ...] = (
        (timedelta(days=14), timedelta(seconds=20)),
        (timedelta(days=90), timedelta(minutes=10)),
    )
    """(active within, due again after), the most active first."""
    DORMANT_EVERY: timedelta = timedelta(minutes=100)
    NOT_APPROVED_EVERY: timedelta = timedelta(minutes=1)
    FAILURE_BACKOFF: timedelta = timedelta(minutes=1)
    """The wait after an account's first failure; it doubles from failure to failure."""
    FAILURE_BACKOFF_CAP: timedelta = timedelta(hours=6)

    SWEEP_BATCHES: int = 50
    """How many batches one totals job works off before a child job goes on."""
    KEEP_RUNS: timedelta = timedelta(days=30)

    SNAPSHOT_LATEST: int = 20
    """How many solves and events a snapshot lists if its job does not say."""
    KEEP_SNAPSHOTS: timedelta = timedelta(days=400)
    """How long snapshots are kept; the newest of an account before that time stays, as later scores rest on it."""
    COACHES_OF: str = ""
    """The dotted name of a function from an organization's id to the ids of its coaches, None if there is no such."""


_NAMES = frozenset(each.name for each in fields(Conf))


def conf() -> Conf:
    """The settings in force now.

    Raises:
        NotConfigured: an unknown name in `GAME_PLATFORM`.
    """
    given: dict[str, Any] = getattr(settings, "GAME_PLATFORM", {})
    unknown = sorted(given.keys() - _NAMES)
    if unknown:
        raise NotConfigured(
            f"GAME_PLATFORM has unknown settings {', '.join(unknown)}: expected some of {', '.join(sorted(_NAMES))}."
        )
    return Conf(**given)
