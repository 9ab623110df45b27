"""The zygote: a copy of the supervisor made before it had threads or connections, which forks the children.

A fork shares the loaded application's memory, so a child costs what it changes, and starts in milliseconds.
"""

import gc
import os
import selectors
import signal
import socket
import traceback
from collections.abc import Callable

from jobqueue.executor.process import die_with_parent

type ChildMain = Callable[[socket.socket], None]


class Zygote:
    """The supervisor's side."""

    def __init__(self, child_main: ChildMain) -> None:
        """Fork the zygote. Call it before the process starts threads or opens connections."""
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        gc.collect()
        # What is loaded now stays; the collector would otherwise touch, and so copy, every page in every child.
        gc.freeze()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                self.socket.close()
                die_with_parent(parent)
                _serve(theirs, child_main)
                status = 0
            finally:
                os._exit(status)
        theirs.close()

    def spawn(self) -> socket.socket:
        """Ask for one more child; `read` tells its pid. Returns our end of its channel."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.socket, [b"spawn"], [theirs.fileno()])
        return ours

    def read(self) -> tuple[str, int, int]:
        """The next event: ("spawned", pid, 0), in the order of the calls of `spawn`, or ("exited", pid, wait status).

        Raises:
            EOFError: the zygote is gone.
        """
        message = self.socket.recv(64)
        if not message:
            raise EOFError("The zygote is gone.")
        kind, pid, status = message.decode().split()
        return kind, int(pid), int(status)

    def close(self) -> None:
        """End the zygote, and with it every child."""
        self.socket.close()
        os.waitpid(self.pid, 0)


def _serve(sock: socket.socket, child_main: ChildMain) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: set[int] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj == woken:
                    os.read(woken, 4096)
                    _reap(sock, children)
                elif not _fork_child(sock, child_main, children, (woken, wake)):
                    return


def _reap(sock: socket.socket, children: set[int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        children.discard(pid)
        sock.send(f"exited {pid} {status}".encode())


def _fork_child(sock: socket.socket, child_main: ChildMain, children: set[int], inherited: tuple[int, int]) -> bool:
    message, fds, _, _ = socket.recv_fds(sock, 64, 1)
    if not message:
        return False
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            die_with_parent(parent)
            os.setsid()
            sock.close()
            for fd in inherited:
                os.close(fd)
            child_main(socket.socket(fileno=fds[0]))
            status = 0
        except BaseException:  # noqa: BLE001  nobody above to tell
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(fds[0])
    children.add(pid)
    sock.send(f"spawned {pid} 0".encode())
    return True
