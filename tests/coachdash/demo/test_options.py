"""What the demo is told by its arguments and the environment."""

import socket

import pytest

from coachdash.demo.exceptions import DemoError
from coachdash.demo.options import Options, read_options
from coachdash.demo.ports import check_ports


def test_without_a_word_the_site_is_on_8000_and_the_simulator_on_4010() -> None:
    options = read_options([], {"DEMO_PORT": ""})
    assert options.site == "http://127.0.0.1:8000"
    assert options.simulator == "http://127.0.0.1:4010"


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5", "\N{SUPERSCRIPT TWO}"])
def test_what_is_no_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(DemoError, match=r"DEMO_SIMULATOR_PORT is .*expected a port from 1 to 65535"):
        read_options([], {"DEMO_SIMULATOR_PORT": text})


def test_an_argument_counts_before_the_environment() -> None:
    options = read_options(["--port", "8100", "--simulator-port=8101"], {"DEMO_PORT": "no port"})
    assert (options.port, options.simulator_port) == (8100, 8101)


@pytest.mark.parametrize("text", ["http", "0", "65536"])
def test_an_argument_that_is_no_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(DemoError, match=r"--port is .*expected a port from 1 to 65535"):
        read_options(["--port", text], {})


def test_help_is_printed_and_nothing_started(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(["--help"], {})
    assert ended.value.code == 0
    assert "--simulator-port PORT" in capsys.readouterr().out


@pytest.mark.parametrize("argument", ["--prot=8100", "--por=8100", "8100"])
def test_an_unknown_argument_is_refused(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options([argument], {})
    assert ended.value.code == 2
    assert f"unrecognized arguments: {argument}" in capsys.readouterr().err


def test_one_port_cannot_serve_both() -> None:
    with pytest.raises(DemoError, match="cannot both have port 8000: choose another with --port"):
        read_options([], {"DEMO_SIMULATOR_PORT": "8000"})


@pytest.mark.parametrize(("taken", "name"), [("port", "DEMO_PORT"), ("simulator_port", "DEMO_SIMULATOR_PORT")])
def test_a_taken_port_is_named_with_the_way_to_choose_another(taken: str, name: str) -> None:
    with socket.socket() as listener, socket.socket() as other:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        other.bind(("127.0.0.1", 0))
        port, free = listener.getsockname()[1], other.getsockname()[1]
        other.close()
        ports = {"port": free, "simulator_port": free} | {taken: port}
        with pytest.raises(DemoError, match=f"port {port}: another program listens there.*{name}={port + 1}"):
            check_ports(Options(**ports))
