"""A tiny HTTP server that plays a script, one step a request; a step may answer badly or not at all."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

type Step = Callable[[socket.socket], None]


@dataclass(kw_only=True)
class Script:
    """The steps to come, the last of which is repeated, and the requests that came."""

    steps: list[Step]
    url: str = ""
    heads: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, head: str) -> Step:
        """The step for a request."""
        with self.lock:
            self.heads.append(head)
            self.times.append(time.monotonic())
            return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, script: Script) -> None:
        self.script = script
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(65_536)
            if not piece:
                return
            head += piece
        try:
            self.server.script.take(head.decode())(self.request)
        except OSError:
            return  # the client went away, as some tests want


@contextmanager
def serving(*steps: Step) -> Iterator[Script]:
    """The script at a free port of this machine."""
    script = Script(steps=list(steps))
    with _Server(script) as server:
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield script
        server.shutdown()


def answer(status: int, body: bytes = b"{}", *, length: int | None = None, **headers: str) -> Step:
    """A whole answer; `length` lies about that of the body. Underscores in header names become hyphens."""
    lines = [f"HTTP/1.1 {status} Some Phrase", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return lambda connection: connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def dropped(connection: socket.socket) -> None:
    """The connection ends without an answer."""
    connection.close()


def silent(connection: socket.socket) -> None:
    """Nothing comes until the client gives up."""
    connection.recv(1)


def dripping(connection: socket.socket) -> None:
    """A body that never ends, piece by piece."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)
