"""A Sentry of a test's own, on a socket: it takes envelopes and remembers the events in them."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Sentry:
    """Where it is, and what it was sent."""

    def __init__(self, port: int) -> None:
        self.dsn = f"http://0123456789abcdef@127.0.0.1:{port}/7"
        self.events: list[dict[str, Any]] = []
        self.texts: list[str] = []


@contextmanager
def sentry() -> Iterator[Sentry]:
    """One that listens while the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    found = Sentry(server.server_address[1])
    _Handler.sentry = found
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    sentry: Sentry

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        text = (gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body).decode()
        self.sentry.texts.append(text)
        items = [json.loads(line) for line in text.splitlines() if line]
        self.sentry.events += [item for item in items if "event_id" in item and "platform" in item]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """pytest shows enough."""
