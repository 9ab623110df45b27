"""What the demo is told by the environment, and what it tells its processes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from coachdash.demo.exceptions import DemoError

HOST = "127.0.0.1"
TOKEN = "demo-token"  # noqa: S105  of the simulator, which guards nothing


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


def read_options(environ: Mapping[str, str]) -> Options:
    """`DEMO_PORT` and `DEMO_SIMULATOR_PORT`.

    Raises:
        DemoError: no port number, or the same one twice.
    """
    options = Options(
        port=_port(environ, "DEMO_PORT", 8000),
        simulator_port=_port(environ, "DEMO_SIMULATOR_PORT", 4010),
    )
    if options.port == options.simulator_port:
        raise DemoError(f"DEMO_PORT and DEMO_SIMULATOR_PORT are both {options.port}: expected two ports.")
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


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise DemoError(f"{name} is {text!r}: expected a port from 1 to 65535.")
    return int(text)
