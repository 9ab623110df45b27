"""What the demo is told by the environment."""

import socket

import pytest

from coachdash.demo.exceptions import DemoError
from coachdash.demo.options import Options, read_options
from coachdash.demo.ports import check_ports


def test_without_a_word_the_site_is_on_8000_and_the_simulator_on_4010() -> None:
    options = read_options({"DEMO_PORT": ""})
    assert options.site == "http://127.0.0.1:8000"
    assert options.simulator == "http://127.0.0.1:4010"


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5", "\N{SUPERSCRIPT TWO}"])
def test_what_is_no_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(DemoError, match=r"DEMO_SIMULATOR_PORT is .*expected a port from 1 to 65535"):
        read_options({"DEMO_SIMULATOR_PORT": text})


def test_one_port_cannot_serve_both() -> None:
    with pytest.raises(DemoError, match="are both 8000"):
        read_options({"DEMO_SIMULATOR_PORT": "8000"})


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
