"""The demo itself: database, data, processes, first sync, and then waiting until somebody stops it."""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests
from django.db import connections

from coachdash import postgres
from coachdash.demo.comparison import compare
from coachdash.demo.database import check_own, prepare_database
from coachdash.demo.first_sync import first_sync
from coachdash.demo.household import Household
from coachdash.demo.load import COACHES, COMPETITORS, SEED, load
from coachdash.demo.logins import Login, kept_logins
from coachdash.demo.options import Options
from gameplatform.simulator.world import World

_CHECK_EVERY = 0.5  # seconds


def perform(options: Options, var: Path) -> None:
    """Bring everything up, say where it is, and wait.

    Raises:
        DemoError: something does not start, or ends by itself.
        KeyboardInterrupt: somebody stopped it; by then everything is down.
    """
    _say("Coach Dashboard demo\n")
    with _database():
        logins = _load(var / "demo.json")
        with _undisturbed_end(Household(options, var)) as household:
            _sync(household, options)
            household.start_web()
            household.wait_for("The web server's start", lambda: _answers(f"{options.site}/login/"))
            _greet(options, logins)
            while True:
                household.check()
                time.sleep(_CHECK_EVERY)


@contextmanager
def _database() -> Iterator[None]:
    try:
        _say(f"  Database      {prepare_database()}")
        yield
    finally:
        connections.close_all()
        if postgres.wanted():
            postgres.leave()


@contextmanager
def _undisturbed_end(household: Household) -> Iterator[Household]:
    with household:
        try:
            yield household
        finally:
            # A second Ctrl-C must not leave half of the processes behind.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            print("\nStopping ...", flush=True)


def _load(passwords: Path) -> Sequence[Login]:
    check_own(kept_logins(passwords))
    logins = load(World(SEED, COMPETITORS, len(COACHES)), passwords)
    _say(f"  Demo data     {COMPETITORS} students of {len(COACHES)} coaches")
    return logins


def _sync(household: Household, options: Options) -> None:
    """Sync from a platform whose clock stands still, so that both sides can be compared; then let it run."""
    simulator = household.start_simulator(speed=0)
    household.start_worker()
    _wait_for_simulator(household, options)
    first_sync(household.check)
    _say("  Mirrored      " + "\n                ".join(str(line) for line in compare(options)))
    household.stop(simulator)
    household.start_simulator(speed=1)
    _wait_for_simulator(household, options)


def _wait_for_simulator(household: Household, options: Options) -> None:
    household.wait_for("The simulator's start", lambda: _answers(f"{options.simulator}/__admin/clock"))


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False


def _greet(options: Options, logins: Sequence[Login]) -> None:
    _say(
        f"""
  The site      {options.site}/
  The admin     {options.site}/admin/
  Simulator     {options.simulator}/__admin/state
  Logs          var/log/

  Log in as     password        to see"""
    )
    for login in logins:
        _say(f"  {login.username:<14}{login.password:<16}{_PURPOSES[login.group]}")
    _say("\nNew solves arrive all the time and are synced every minute. Stop with Ctrl-C.")


_PURPOSES = {
    "Admin": "everything",
    "Manager": "every coach's students, and the jobs",
    "Coach": "their own students",
}


def _say(text: str) -> None:
    print(text, flush=True)
