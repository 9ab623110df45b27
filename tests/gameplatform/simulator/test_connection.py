"""HTTP on the raw socket: framing, keep-alive, limits, and one slow answer not holding up another."""

import socket
import threading
import time
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest

from gameplatform.simulator.background import running
from gameplatform.simulator.simulation import simulation
from gameplatform.simulator.world import World

from .caller import Caller


def connect(caller: Caller) -> socket.socket:
    address = urlsplit(caller.running.base_url)
    return socket.create_connection((address.hostname or "", address.port or 80), timeout=10)


def wait_for_calls(caller: Caller, total: int) -> None:
    while caller.state()["requests"]["total"] < total:
        time.sleep(0.01)


@pytest.fixture
def wire(caller: Caller) -> socket.socket:
    return connect(caller)


def request(path: str = "/", method: str = "GET", extra: str = "", body: bytes = b"") -> bytes:
    size = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} /integrations/syned/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer demo-token\r\n"
    return f"{head}{size}{extra}\r\n".encode() + body


def read_answer(wire: socket.socket) -> tuple[int, bytes]:
    """One answer, not a byte more, framed by its Content-Length."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _exactly(wire, 1)
    size = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    return int(head.split(b" ")[1]), _exactly(wire, size)


def _exactly(wire: socket.socket, size: int) -> bytes:
    data = wire.recv(size, socket.MSG_WAITALL)
    assert len(data) == size, "the connection was closed"
    return data


def test_a_connection_serves_request_after_request(wire: socket.socket) -> None:
    with wire:
        for _ in range(5):
            wire.sendall(request())
            assert read_answer(wire) == (200, b'{"status":"ok"}')


def test_a_request_may_arrive_byte_by_byte(wire: socket.socket) -> None:
    body = b'{"syned_user_id":"nobody"}'
    with wire:
        for byte in request("/users/delete_assignment", "POST", body=body):
            wire.sendall(bytes([byte]))
        assert read_answer(wire)[0] == 404


def test_a_request_sent_too_early_waits_its_turn(wire: socket.socket, caller: Caller) -> None:
    caller.faults(latency_ms=30)
    with wire:
        wire.sendall(request() + request("/nothing"))
        assert read_answer(wire)[0] == 200
        assert read_answer(wire)[0] == 404


def test_connection_close_is_honoured(wire: socket.socket) -> None:
    with wire:
        wire.sendall(request(extra="Connection: close\r\n"))
        assert read_answer(wire)[0] == 200
        assert wire.recv(1) == b""


@pytest.mark.parametrize(
    ("bytes_sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000, 431),
    ],
)
def test_what_cannot_be_served_is_refused_and_the_connection_closed(
    wire: socket.socket, bytes_sent: bytes, status: int
) -> None:
    with wire:
        wire.sendall(bytes_sent)
        assert read_answer(wire)[0] == status
        assert wire.recv(1) == b""


def test_a_dropped_connection_closes_without_a_byte(wire: socket.socket, caller: Caller) -> None:
    caller.faults(rate_dropped=1)
    with wire:
        wire.sendall(request())
        assert wire.recv(1) == b""


def test_hundreds_of_slow_answers_are_waited_for_together(caller: Caller) -> None:
    caller.faults(latency_ms=300)
    wires = [connect(caller) for _ in range(300)]
    try:
        for wire in wires:
            wire.sendall(request())
        assert [read_answer(wire)[0] for wire in wires] == [200] * 300
    finally:
        for wire in wires:
            wire.close()

    assert caller.state()["requests"]["peak_concurrency"] >= 200


def test_only_calls_that_wait_at_the_same_time_count_as_concurrent(caller: Caller) -> None:
    for _ in range(5):
        with connect(caller) as wire:
            wire.sendall(request())
            assert read_answer(wire)[0] == 200
    caller.faults(latency_ms=60_000)
    with connect(caller) as hanging_up:
        hanging_up.sendall(request())
        wait_for_calls(caller, 6)
    caller.state()  # by its answer the server has seen the hang-up

    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connect(caller)).sendall(request())
        wait_for_calls(caller, 26)
        assert caller.state()["requests"]["peak_concurrency"] == 20


def test_a_stopped_simulator_leaves_no_connection_open() -> None:
    world = simulation(World(competitors=20), speed=0)
    with running(world) as address:
        wire = connect(Caller(running=address, simulation=world))
        wire.sendall(request())
        assert read_answer(wire)[0] == 200

    with wire, suppress(ConnectionResetError):
        assert wire.recv(1) == b""


def test_the_truth_of_a_world_is_told_while_calls_go_on(caller: Caller) -> None:
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(len(caller.state()["users"])))
    asking.start()

    with connect(caller) as wire:
        wire.sendall(request())
        assert read_answer(wire)[0] == 200
    asking.join()
    assert answers == [len(caller.simulation.platform.accounts)]
