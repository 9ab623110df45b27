"""Rate limits that hold over any number of web processes: one statement per call, on a table that is not logged.

The generic cell rate algorithm: each allowed call moves the time at which all is given back by one share of the span;
a call that would move it further than the whole span from now is refused. So a caller may use its whole allowance at
once and then has the steady rate.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.db import connection
from django.utils import timezone

from jobqueue.models import CallRate

# In a conflict the row is locked, and the conditions see what the call before has written.
_TAKE = """
INSERT INTO jobqueue_callrate AS rate (key, free_at, refused, refused_before)
VALUES (%(key)s, clock_timestamp() + %(share)s, 0, 0)
ON CONFLICT (key) DO UPDATE SET
    free_at = CASE WHEN rate.free_at <= clock_timestamp() + %(room)s
                   THEN greatest(rate.free_at, clock_timestamp()) + %(share)s ELSE rate.free_at END,
    refused = CASE WHEN rate.free_at <= clock_timestamp() + %(room)s THEN 0 ELSE rate.refused + 1 END,
    refused_before = CASE WHEN rate.free_at <= clock_timestamp() + %(room)s THEN rate.refused ELSE 0 END
RETURNING refused, refused_before, extract(epoch FROM free_at - clock_timestamp() - %(room)s)
"""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many calls in so long a time."""

    calls: int
    per: timedelta


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of one call."""

    is_allowed: bool
    wait: float
    """In seconds, until the next call would be allowed; 0 if it would be now."""
    refused_before: int
    """How many calls were refused between the one that was allowed last and this one."""


def take(key: str, rate: Rate) -> Taken:
    """Count a call against its caller's rate. Outside of a transaction, so that a rollback gives nothing back."""
    share = rate.per / rate.calls
    values: dict[str, Any] = {"key": key[:160], "share": share, "room": rate.per - share}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        refused, refused_before, wait = cursor.fetchone() or (0, 0, 0.0)
    return Taken(is_allowed=not refused, wait=max(0.0, float(wait)), refused_before=refused_before)


def network_of(address: str) -> str:
    """What one caller can be taken to have: the address itself, of IPv6 the /64 around it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def forget_idle() -> None:
    """Delete the rows that say nothing any more."""
    CallRate.objects.filter(free_at__lt=timezone.now() - timedelta(days=1)).delete()
