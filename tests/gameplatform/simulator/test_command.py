"""`manage.py gameplatform_simulator` as a process of its own, without a database."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

MANAGE = Path(__file__).resolve().parents[3] / "manage.py"
ENVIRONMENT = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "DEBUG": "true", "SECRET_KEY": "x"}


def command(*flags: str) -> list[str]:
    return [sys.executable, str(MANAGE), "gameplatform_simulator", *flags]


@contextmanager
def started(*flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the address it printed."""
    process = subprocess.Popen(
        command("--port", "0", *flags),
        env=ENVIRONMENT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.kill()


def refused(*flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*flags), env=ENVIRONMENT, text=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_without_a_database_and_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    with started("--token", "sesame", "--competitors", "30") as (process, address):
        held_open = requests.Session()
        answer = held_open.get(address + "/", headers={"Authorization": "Bearer sesame"}, timeout=10)
        assert answer.status_code == 200

        process.send_signal(number)

        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")
        held_open.close()


def test_the_flags_reach_the_world() -> None:
    flags = ("--seed", "5", "--competitors", "25", "--coaches", "3", "--speed", "0", "--latency", "5ms")
    with started(*flags, "--faults", '{"rate429": 0.5}') as (_, address):
        admin = address.removesuffix("/integrations/syned/v1") + "/__admin"
        state = requests.get(f"{admin}/state?summary=1", timeout=10).json()
        faults = requests.get(f"{admin}/faults", timeout=10).json()

    assert state["world"] == {"seed": 5, "competitors": 25, "coaches": 3}
    assert state["clock"]["speed"] == 0
    assert (faults["rate429"], faults["latency_ms"]) == (0.5, 5)


def test_the_clock_runs_by_itself() -> None:
    with started("--speed", "100000") as (_, address):
        admin = address.removesuffix("/integrations/syned/v1") + "/__admin"
        first = requests.get(f"{admin}/state?summary=1", timeout=10).json()
        while (later := requests.get(f"{admin}/state?summary=1", timeout=10).json())["clock"] == first["clock"]:
            pass

    assert later["clock"]["now_unix"] > first["clock"]["now_unix"]
    assert later["totals"]["odl_solves"] > first["totals"]["odl_solves"]


def test_a_taken_port_is_one_clear_sentence_and_status_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = refused("--port", str(port))

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.strip().endswith(
        f"Port {port} on 127.0.0.1 is already taken; stop what listens there or choose another with --port."
    )
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--competitors", "19"), "from 20 to 50000"),
        (("--port", "70000"), "from 0 to 65535"),
        (("--speed", "-1"), "from 0 upwards"),
        (("--latency", "20"), "such as 20ms"),
        (("--faults", "[]"), "expected a JSON object"),
        (("--faults", '{"rate418": 1}'), "the known ones are latency_ms"),
        (("--host", "198.51.100.1", "--port", "0"), "Cannot listen on 198.51.100.1"),
    ],
)
def test_a_wrong_flag_is_explained_without_a_traceback(flags: tuple[str, ...], text: str) -> None:
    ended = refused(*flags)

    assert ended.returncode in (1, 2)
    assert text in ended.stderr
    assert "Traceback" not in ended.stderr
