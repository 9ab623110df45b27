"""`manage.py gameplatform_simulator`: a game platform to sync from, in a process of its own."""

import argparse
import asyncio
import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gameplatform.simulator.exceptions import RefusedError
from gameplatform.simulator.faults import Faults, changed
from gameplatform.simulator.journal import JournalError
from gameplatform.simulator.server import AddressError, serve
from gameplatform.simulator.simulation import Simulation, simulation
from gameplatform.simulator.world import World

MOST_COMPETITORS, MOST_COACHES = 50_000, 5_000
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")


class Command(BaseCommand):
    """Serves the MetaCTF API over HTTP from a seeded world; needs no database."""

    help = "Serve a simulated game platform (the MetaCTF API) over HTTP until Ctrl-C or TERM."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The flags; every one has a default."""
        parser.add_argument("--port", type=_whole(0, 65_535), default=4010, help="0 takes a free one")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--competitors", type=_whole(20, MOST_COMPETITORS), default=60)
        parser.add_argument("--coaches", type=_whole(1, MOST_COACHES), default=2)
        parser.add_argument("--seed", type=int, default=1, help="another seed is another world")
        parser.add_argument("--token", default="demo-token", help="the bearer token callers must send")
        parser.add_argument(
            "--speed",
            type=_speed,
            default=1.0,
            help="simulated seconds a real second; 0: the clock stands still",
        )
        parser.add_argument("--latency", type=_milliseconds, default=0.0, help="of every answer, such as 20ms or 1s")
        parser.add_argument("--faults", type=_faults, default=Faults(), help='JSON, such as {"rate429": 0.1}')
        parser.add_argument(
            "--journal", type=Path, help="keep what callers change in this file, and start from it next time"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Serve until told to stop."""
        try:
            asyncio.run(self._serve(_simulation(options), options["host"], options["port"]))
        except (AddressError, JournalError, OSError) as error:
            raise CommandError(str(error)) from None

    async def _serve(self, served: Simulation, host: str, port: int) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(served, host, port, listening=self._announce, stop=stop)

    def _announce(self, base_url: str) -> None:
        self.stdout.write(f"The game platform simulator listens at {base_url}")
        self.stdout.flush()


def _simulation(options: dict[str, Any]) -> Simulation:
    faults: Faults = options["faults"]
    if options["latency"]:
        faults = changed(faults, {"latency_ms": options["latency"]})
    return simulation(
        World(options["seed"], options["competitors"], options["coaches"]),
        token=options["token"],
        speed=options["speed"],
        faults=faults,
        journal=options["journal"],
    )


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, got {text!r}")
        return int(text)

    return parse


def _speed(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise argparse.ArgumentTypeError(f"expected a number from 0 upwards, got {text!r}")
    return float(text)


def _milliseconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"expected a duration such as 20ms or 1.5s, got {text!r}")
    return float(match[1]) * (1000 if match[2] == "s" else 1)


def _faults(text: str) -> Faults:
    try:
        wishes = json.loads(text)
        if not isinstance(wishes, dict):
            raise TypeError
        return changed(Faults(), wishes)
    except (ValueError, TypeError):
        raise argparse.ArgumentTypeError(f"expected a JSON object, got {text!r}") from None
    except RefusedError as refused:
        problems = refused.detail if isinstance(refused.detail, list) else []
        raise argparse.ArgumentTypeError("; ".join(problem["msg"] for problem in problems)) from None
