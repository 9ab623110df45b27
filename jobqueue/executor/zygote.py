"""The zygote: a copy of the supervisor made before it had threads or connections, which forks the children.

A fork shares the loaded application's memory, so a child costs what it changes, and starts in milliseconds.
"""

import contextlib
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
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                self.socket.close()
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
    # A stop is the supervisor's affair, although the system may signal all processes of a service; and a child is
    # signalled before it has set its own handler. Not SIG_IGN, which whatever a job starts would inherit.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, _take_no_notice)
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    children: set[int] = set()
    try:
        _serve_until_closed(sock, child_main, children, (woken, wake))
    finally:
        for pid in children:
            _kill_group(pid)


def _take_no_notice(*_: object) -> None:
    pass


def _serve_until_closed(sock: socket.socket, child_main: ChildMain, children: set[int], pipe: tuple[int, int]) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        selector.register(pipe[0], selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj == pipe[0]:
                    os.read(pipe[0], 4096)
                    _reap(sock, children)
                elif not _fork_child(sock, child_main, children, pipe):
                    return


def _reap(sock: socket.socket, children: set[int]) -> None:
    while children:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return
        # What its jobs started ends with it; while it is not reaped, its number cannot be another group's.
        _kill_group(ended.si_pid)
        pid, status = os.waitpid(ended.si_pid, 0)
        children.discard(pid)
        sock.send(f"exited {pid} {status}".encode())


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


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
