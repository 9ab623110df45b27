"""When an account is due again: active ones soon, dormant ones rarely, failing ones ever later."""

from datetime import datetime, timedelta

from gameplatform.conf import Conf


def after_success(now: datetime, last_active: datetime, conf: Conf) -> datetime:
    """The next due time of an account that was last active at `last_active`."""
    for within, every in conf.TIERS:
        if now - last_active <= within:
            return now + every
    return now + conf.DORMANT_EVERY


def after_failure(now: datetime, failures: int, conf: Conf) -> datetime:
    """The next due time after that many failures in a row (1 or more)."""
    # More than 30 doublings of anything are past every cap, and would overflow a timedelta.
    backoff: timedelta = conf.FAILURE_BACKOFF * 2 ** min(failures - 1, 30)
    return now + min(backoff, conf.FAILURE_BACKOFF_CAP)
