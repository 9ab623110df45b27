"""Makes sure that the demo's ports are free before anything is started."""

import errno
import socket

from coachdash.demo.exceptions import DemoError
from coachdash.demo.options import HOST, Options


def check_ports(options: Options) -> None:
    """Refuse a taken port.

    Raises:
        DemoError: which port, and how to choose another.
    """
    _check(options.port, "DEMO_PORT", "The site")
    _check(options.simulator_port, "DEMO_SIMULATOR_PORT", "The game platform simulator")


def _check(port: int, name: str, who: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
            raise DemoError(
                f"{who} cannot have port {port}: {why}. "
                f"Stop that program, or choose another port: {name}={port + 1} make demo"
            ) from error
