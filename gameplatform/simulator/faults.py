"""Which faults are switched on, validated; what they do to an answer is in mishaps.py."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from gameplatform.simulator.exceptions import Problem, invalid

type Rate = Annotated[float, Meta(ge=0, le=1)]
type Milliseconds = Annotated[float, Meta(ge=0, le=600_000)]
type Count = Annotated[int, Meta(ge=0)]


class Faults(Struct, frozen=True, kw_only=True):
    """Every fault, off by default. A rate is a share of all calls; the rates together are at most 1.

    `retry_after_seconds` None sends a 429 without Retry-After. `drip_bytes_per_second` 0 sends bodies whole.
    `failing_accounts` are ids that always get an error, or a count: the first competitors with an account.
    """

    latency_ms: Milliseconds = 0
    jitter_ms: Milliseconds = 0
    rate429: Rate = 0
    retry_after_seconds: Count | None = None
    rate5xx: Rate = 0
    rate_dropped: Rate = 0
    rate_malformed: Rate = 0
    rate_wrong_types: Rate = 0
    drip_bytes_per_second: Count = 0
    expired_token: bool = False
    failing_accounts: Count | list[str] = 0

    def rates(self) -> dict[str, float]:
        """The share of calls that each random fault takes, by fault."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name.startswith("rate")}


def changed(faults: Faults, wishes: Mapping[str, Any]) -> Faults:
    """The faults with those in `wishes` changed.

    Raises:
        RefusedError: 422 for an unknown name (its text lists the known ones), a wrong value, rates above 1.
    """
    known = Faults.__struct_fields__
    unknown = [name for name in wishes if name not in known]
    if unknown:
        text = f"Unknown fault; the known ones are {', '.join(known)}"
        problems: list[Problem] = [{"loc": ["body", name], "msg": text, "type": "extra_forbidden"} for name in unknown]
        raise invalid(*problems)
    try:
        wanted = msgspec.convert(msgspec.structs.asdict(faults) | dict(wishes), Faults)
    except msgspec.ValidationError as error:
        raise invalid({"loc": ["body"], "msg": str(error), "type": "value_error"}) from None
    total = sum(wanted.rates().values())
    if total > 1 + 1e-9:
        text = f"The rates add up to {total:g}; expected at most 1"
        raise invalid({"loc": ["body"], "msg": text, "type": "value_error"})
    return wanted
