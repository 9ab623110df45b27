"""A wire between a worker and PostgreSQL, to be cut at the worst moment, or to stall there."""

import contextlib
import select
import socket
import threading
from pathlib import Path
from typing import Self

from django.db import connection


class Wire:
    """Passes on all connections to the tests' database, while the block lasts."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._awaited: list[bytes] = []
        self._is_to_stall = False
        self.cuts = 0
        self.stalls = 0

    @property
    def url(self) -> str:
        """The tests' database at the near end."""
        settings, port = connection.settings_dict, self._listener.getsockname()[1]
        return f"postgres://{settings['USER']}:{settings['PASSWORD']}@127.0.0.1:{port}/{settings['NAME']}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def cut_after(self, *texts: bytes) -> None:
        """The next connection that says these, one after another, never hears the answer to the last."""
        self._awaited, self._is_to_stall = list(texts), False

    def stall_before(self, *texts: bytes) -> None:
        """The next connection that says these, one after another, does not get the last one through."""
        self._awaited, self._is_to_stall = list(texts), True

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(near, _connected()), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        heard = 0
        with near, far, contextlib.suppress(OSError):
            while True:
                for source in select.select([near, far], [], [])[0]:
                    data = source.recv(65_536)
                    if not data:
                        return
                    if source is far:
                        near.sendall(data)
                        continue
                    heard += heard < len(self._awaited) and self._awaited[heard] in data
                    if self._awaited and heard == len(self._awaited):
                        self._awaited = []
                        self._fail(near, far, data)
                        return
                    far.sendall(data)

    def _fail(self, near: socket.socket, far: socket.socket, data: bytes) -> None:
        if self._is_to_stall:
            self.stalls += 1
            select.select([near, far], [], [])  # until one of them gives up
        else:
            self.cuts += 1
            far.sendall(data)
            far.recv(65_536)


def _connected() -> socket.socket:
    host, port = connection.settings_dict["HOST"], int(connection.settings_dict["PORT"] or 5432)
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    far = socket.socket(socket.AF_UNIX)
    far.connect(str(Path(host) / f".s.PGSQL.{port}"))
    return far
