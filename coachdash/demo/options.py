"""What the demo is told by its arguments and the environment, and what it tells its processes."""

import os
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coachdash.demo.exceptions import DemoError

HOST = "127.0.0.1"
TOKEN = "demo-token"  # noqa: S105  of the simulator, which guards nothing
_HOW_TO_CHOOSE = "choose another with --port or --simulator-port (DEMO_PORT, DEMO_SIMULATOR_PORT)"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The ports to listen on."""

    port: int
    simulator_port: int

    @property
    def site(self) -> str:
        """The address of the site, without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    @property
    def simulator(self) -> str:
        """The address of the simulator, without a slash at its end."""
        return f"http://{HOST}:{self.simulator_port}"


def read_options(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """`--port` and `--simulator-port`, else `DEMO_PORT` and `DEMO_SIMULATOR_PORT`.

    Raises:
        DemoError: no port number, or the same one twice.
        SystemExit: help was asked for and printed, or an argument is unknown, which was said.
    """
    given = _parser().parse_args(arguments)
    options = Options(
        port=_port("--port", given.port) or _port("DEMO_PORT", environ.get("DEMO_PORT")) or 8000,
        simulator_port=_port("--simulator-port", given.simulator_port)
        or _port("DEMO_SIMULATOR_PORT", environ.get("DEMO_SIMULATOR_PORT"))
        or 4010,
    )
    if options.port == options.simulator_port:
        raise DemoError(f"The site and the simulator cannot both have port {options.port}: {_HOW_TO_CHOOSE}.")
    return options


def set_environment(options: Options) -> None:
    """Point this process and those it starts at the simulator, in debug mode."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachdash.settings")
    os.environ["DEBUG"] = "true"
    os.environ["GAME_PLATFORM_INTEGRATION_ENABLED"] = "true"
    os.environ["GAME_PLATFORM_PROVIDER"] = "metactf"
    os.environ["GAME_PLATFORM_API_BASE_URL"] = f"{options.simulator}/integrations/syned/v1"
    os.environ["GAME_PLATFORM_API_TOKEN"] = TOKEN
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = HOST  # the demo talks to nobody else


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m coachdash.demo",
        description="Start a simulated game platform, a worker with its scheduler and the web server, load demo data, "
        "run a first sync, and print the addresses and log-ins. Ctrl-C stops all of it; the data stays in var/.",
        epilog="Without DATABASE_URL the database is an embedded PostgreSQL, which needs no installation.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", metavar="PORT", help="where the site listens (default: DEMO_PORT, else 8000)")
    parser.add_argument(
        "--simulator-port",
        metavar="PORT",
        help="where the simulated game platform listens (default: DEMO_SIMULATOR_PORT, else 4010)",
    )
    return parser


def _port(name: str, given: str | None) -> int | None:
    text = (given or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise DemoError(f"{name} is {text!r}: expected a port from 1 to 65535.")
    return int(text)
