"""The zygote and the children that it forks, without a supervisor and without Django."""

import subprocess
import sys

_FORK = """
import os, signal, socket
from jobqueue.executor.zygote import Zygote

def main(sock):
    {main}

zygote = Zygote(main)
sock = zygote.spawn()
kind, pid, _ = zygote.read()
assert kind == "spawned", kind
{parent}
"""


def _run(main: str, parent: str) -> str:
    script = _FORK.format(main=main, parent=parent)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_child_that_is_signalled_before_it_is_ready_lives_on() -> None:
    signals = "(signal.SIGUSR1, signal.SIGTERM, signal.SIGINT)"
    heard = _run(f"[os.kill(os.getpid(), n) for n in {signals}]; sock.sendall(b'alive')", "print(sock.recv(9))")
    assert heard == "b'alive'"


def test_what_a_child_starts_does_not_inherit_that_signals_are_taken_no_notice_of() -> None:
    start = "import subprocess; sleeper = subprocess.Popen(['sleep', '60']); sleeper.terminate()"
    heard = _run(f"{start}; sock.sendall(str(sleeper.wait()).encode())", "print(sock.recv(9))")
    assert heard == "b'-15'"


def test_the_end_of_a_child_is_told_with_its_cause() -> None:
    read = "kind, died, status = zygote.read()"
    told = _run("os._exit(7)", f"{read}; print(kind, died == pid, os.waitstatus_to_exitcode(status))")
    assert told == "exited True 7"


def test_closing_the_zygote_ends_its_children() -> None:
    ended = _run("signal.pause()", "zygote.close(); print(sock.recv(9))")
    assert ended == "b''"
