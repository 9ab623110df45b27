"""`python -m coachdash.demo.leash PARENT COMMAND...`: becomes the command, but ends when the parent is gone.

Without it a demo that is killed outright would leave its processes behind.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to the parent, then replace it by the command; both are as given on the command line."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":  # elsewhere there is no such tie; Ctrl-C and TERM stop the processes all the same
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        os.execv(command[0], command)  # noqa: S606  the demo's own command


if __name__ == "__main__":
    main()
