"""One client's connection: requests in, one at a time, answers out the way the faults want them."""

import asyncio
from collections.abc import Awaitable

from gameplatform.simulator.application import respond
from gameplatform.simulator.exceptions import RefusedError
from gameplatform.simulator.mishaps import refusal
from gameplatform.simulator.simulation import Simulation
from gameplatform.simulator.wire import MAX_BODY, MAX_HEAD, Answer, head, take_request

_DRIP_SECONDS = 0.05


class Connection(asyncio.Protocol):
    """Keeps a connection alive over any number of requests, and never blocks another one."""

    def __init__(self, simulation: Simulation, connections: "set[Connection]") -> None:
        self._simulation = simulation
        self._connections = connections
        self._buffer = bytearray()
        self._counted = False
        self._busy = False
        self._keep_alive = True
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  asyncio's promise, told to mypy
        self._transport = transport
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or the server, has gone."""
        self._connections.discard(self)
        self._settle()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request, perhaps not all of it."""
        self._buffer += data
        if not self._busy:
            self._next()

        elif len(self._buffer) > MAX_HEAD + MAX_BODY:
            self.abort()

    def abort(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def _next(self) -> None:
        try:
            request = take_request(self._buffer)
        except RefusedError as refused:
            self._busy, self._keep_alive = True, False
            self._deliver(refusal(refused.status, refused.detail))
            return
        if request is None:
            return
        self._busy, self._keep_alive = True, request.keep_alive
        answer = respond(self._simulation, request)
        if isinstance(answer, Answer):
            self._deliver(answer)
        else:
            self._task = asyncio.ensure_future(self._deliver_later(answer))

    async def _deliver_later(self, coming: Awaitable[Answer]) -> None:
        self._deliver(await coming)

    def _deliver(self, answer: Answer) -> None:
        self._counted = answer.counted
        if answer.delay:
            asyncio.get_running_loop().call_later(answer.delay, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: Answer) -> None:
        if self._transport.is_closing():
            return
        if answer.dropped:
            self._transport.close()
            return
        top = head(answer, keep_alive=self._keep_alive)
        if answer.drip:
            self._transport.write(top)
            self._drip(answer.body, answer.drip)
        else:
            self._transport.write(top + answer.body)
            self._done()

    def _drip(self, rest: bytes, speed: int) -> None:
        if self._transport.is_closing():
            return
        if not rest:
            self._done()
            return
        # At least a byte at a time: below one byte a step, the steps get longer instead.
        size = max(int(speed * _DRIP_SECONDS), 1)
        self._transport.write(rest[:size])
        asyncio.get_running_loop().call_later(size / speed, self._drip, rest[size:], speed)

    def _done(self) -> None:
        self._settle()
        if not self._keep_alive:
            self._transport.close()
            return
        self._busy = False
        if self._buffer:
            asyncio.get_running_loop().call_soon(self._next_if_idle)

    def _next_if_idle(self) -> None:
        if not self._busy and not self._transport.is_closing():
            self._next()

    def _settle(self) -> None:
        if self._counted:
            self._counted = False
            self._simulation.counters.end()
