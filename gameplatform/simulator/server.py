"""Serves a simulation on a TCP port until told to stop."""

import asyncio
import errno
from collections.abc import Callable
from functools import partial

from gameplatform.simulator.connection import Connection
from gameplatform.simulator.routes import BASE_PATH
from gameplatform.simulator.simulation import Simulation


class AddressError(Exception):
    """The server cannot listen where it was told to."""


async def serve(
    simulation: Simulation, host: str, port: int, *, listening: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Answer requests until `stop` is set, then cut every connection at once.

    Args:
        simulation: what to serve.
        host: the address to listen on.
        port: 0 takes a free one.
        listening: called once with the base address of the API.
        stop: ends it.

    Raises:
        AddressError: the port is taken, or the address is not this machine's.
    """
    connections: set[Connection] = set()
    factory = partial(Connection, simulation, connections)
    try:
        server = await asyncio.get_running_loop().create_server(factory, host, port, backlog=1024)
    except OSError as error:
        raise AddressError(_reason(error, host, port)) from None
    shown = f"[{host}]" if ":" in host else host
    listening(f"http://{shown}:{server.sockets[0].getsockname()[1]}{BASE_PATH}")
    await stop.wait()
    server.close()
    for connection in list(connections):
        connection.abort()
    await asyncio.sleep(0)  # lets the cut connections finish their closing
    simulation.close()


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is already taken; stop what listens there or choose another with --port."
    return f"Cannot listen on {host} port {port}: {error.strerror}."
