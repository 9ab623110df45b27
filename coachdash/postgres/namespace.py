"""`python namespace.py COMMAND...` runs a command in a user namespace, where root looks like somebody else.

A script of its own, as the change has to happen between fork and exec; files it makes stay the caller's.
"""

import os
import pwd
import sys
from pathlib import Path


def main() -> None:
    """Become an account that the user database knows and that is not root, then the command.

    Raises:
        OSError: the kernel or a container's rules forbid user namespaces.
    """
    uid, gid = os.geteuid(), os.getegid()
    seen_as = next(entry for entry in pwd.getpwall() if entry.pw_uid != 0)
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{seen_as.pw_uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{seen_as.pw_gid} {gid} 1")
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command comes from account.py


if __name__ == "__main__":
    main()
