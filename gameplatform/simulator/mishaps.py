"""Lets the faults happen: takes a call and its true answer, and spoils, delays or drops it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from random import Random
from typing import Any

import msgspec

from gameplatform.simulator.draw import generator
from gameplatform.simulator.faults import Faults
from gameplatform.simulator.wire import Answer, Request
from gameplatform.simulator.world import World

type Perform = Callable[[], Answer]

_CAUSES = ("404", "403", "malformed", "500")
_PAGE = b"<html><body><h1>Bad Gateway</h1></body></html>"


class Mishaps:
    """The faults at work; the same calls in the same order meet the same mishaps."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._rng = generator(world.seed, "mishaps")
        self.switch(faults)

    def switch(self, faults: Faults) -> None:
        """Replace the faults that are on."""
        self.faults = faults
        self._failing = dict(zip(_failing_ids(self._world, faults), cycle(_CAUSES), strict=False))
        self._rates = list(faults.rates().items())

    def befall(self, request: Request, perform: Perform) -> Answer:
        """The answer of `perform`, or what became of it; some faults strike before the call, some after."""
        answer = self._spoil(request, perform)
        faults = self.faults
        if not (faults.latency_ms or faults.jitter_ms or faults.drip_bytes_per_second):
            return answer
        delay = (faults.latency_ms + self._rng.uniform(0, faults.jitter_ms)) / 1000
        return replace(answer, delay=delay, drip=faults.drip_bytes_per_second)

    def _spoil(self, request: Request, perform: Perform) -> Answer:
        if self.faults.expired_token:
            return refusal(401, "Token has expired")
        cause = self._failing.get(request.query.get("syned_user_id", "")) if self._failing else None
        match cause or self._lot():
            case "404":
                return refusal(404, "User not found")
            case "403":
                return refusal(403, "User not found or not approved")
            case "500":
                return refusal(500, "Internal Server Error")
            case "rate429":
                return self._too_many()
            case "rate5xx":
                return self._server_error()
            case "rate_dropped":
                # A lost connection does not say whether the call was carried out: sometimes it was.
                answer = perform() if self._rng.random() < 0.5 else refusal(500, "")
                return replace(answer, dropped=True)
            case "malformed" | "rate_malformed":
                return _broken(perform())
            case "rate_wrong_types":
                return _mistyped(perform(), self._rng)
            case _:
                return perform()

    def _lot(self) -> str | None:
        drawn = self._rng.random()
        for name, rate in self._rates:
            if drawn < rate:
                return name
            drawn -= rate
        return None

    def _too_many(self) -> Answer:
        seconds = self.faults.retry_after_seconds
        answer = refusal(429, "Too many requests")
        return answer if seconds is None else replace(answer, headers=(("Retry-After", str(seconds)),))

    def _server_error(self) -> Answer:
        status = self._rng.choice((500, 502, 503))
        if status == 502:
            return Answer(status=502, body=_PAGE, content_type="text/html")
        return refusal(status, "Internal Server Error" if status == 500 else "Service Unavailable")


def refusal(status: int, detail: object) -> Answer:
    """An answer with a `detail` body."""
    return Answer(status=status, body=msgspec.json.encode({"detail": detail}))


def _failing_ids(world: World, faults: Faults) -> list[str]:
    chosen = faults.failing_accounts
    if isinstance(chosen, list):
        return chosen
    with_account = (person for person in world.competitors if person.status is not None) if chosen else ()
    return [str(person.syned_user_id) for _, person in zip(range(chosen), with_account, strict=False)]


def _broken(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: max(len(answer.body) * 2 // 3, 1)])


def _mistyped(answer: Answer, rng: Random) -> Answer:
    body = msgspec.json.decode(answer.body)
    nested = [row for value in body.values() if isinstance(value, list) for row in value[:1] if isinstance(row, dict)]
    victim = rng.choice([body, *nested])
    name = rng.choice(list(victim))
    victim[name] = _other_type(victim[name])
    return replace(answer, body=msgspec.json.encode(body))


def _other_type(value: Any) -> Any:
    return {"not": "expected"} if isinstance(value, str | list | None) else "not expected"
