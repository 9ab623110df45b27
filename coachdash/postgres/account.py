"""Who runs the server. PostgreSQL refuses root, so root runs it as somebody else who can reach the folder.

No account is created, and no folder but the cluster's own is touched.
"""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from coachdash.postgres import binaries, paths
from coachdash.postgres.exceptions import PostgresError

_NAMESPACE = (sys.executable, "-I", "-S", str(Path(__file__).with_name("namespace.py")))
_PROBE = 'cd "$1" && test -w . && exec "$2" --version'


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of the system, and how this process runs a command as that account."""

    uid: int
    gid: int
    become: bool = False
    prefix: tuple[str, ...] = ()

    def run(
        self,
        command: Sequence[str],
        *,
        output: int | IO[bytes] = subprocess.PIPE,
        pass_fds: Sequence[int] = (),
        **variables: str,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one command to its end, stderr with stdout; in `/`, as ours may be closed to it."""
        return subprocess.run(
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=binaries.environment(**variables),
            cwd="/",
            pass_fds=pass_fds,
            user=self.uid if self.become else None,
            group=self.gid if self.become else None,
            extra_groups=[] if self.become else None,
            check=False,
        )

    def can_use(self, directory: Path, program: str) -> bool:
        """Whether it gets into the folder, may write there, and can run the program."""
        try:
            return self.run(["/bin/sh", "-c", _PROBE, "sh", str(directory), program]).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False

    def write(self, path: Path, text: str) -> None:
        """Write a file as the account: root must not follow a link that somebody else could have put there.

        Raises:
            PostgresError: the account cannot.
        """
        done = self.run(["/bin/sh", "-c", 'printf %s "$2" > "$1"', "sh", str(path), text])
        if done.returncode != 0:
            raise PostgresError(f"{path} cannot be written: {done.stdout.decode(errors='replace').strip()}")

    def own(self, directory: Path) -> None:
        """Make the account the owner of the folder and of the files lying directly in it.

        Raises:
            OSError: this process may not give files away.
        """
        for path in [directory, *directory.iterdir()]:
            if path.lstat().st_uid != self.uid:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose(directory: Path, program: str) -> Account:
    """The first account that can run the program in `directory`, which it then owns.

    Raises:
        PostgresError: there is none.
    """
    data = directory / "data"
    before = directory.stat()
    owner = data.stat() if data.exists() else before
    for account in _candidates(owner if data.exists() else None):
        try:
            account.own(directory)
        except OSError:
            continue
        if account.can_use(directory, program):
            return account
    if directory.stat().st_uid != before.st_uid:
        os.chown(directory, before.st_uid, before.st_gid)
    raise PostgresError(_refusal(directory, _name(owner.st_uid)))


def _refusal(directory: Path, owner: str) -> str:
    if os.geteuid() == 0:
        return (
            f"PostgreSQL refuses root, and no other account can work in {directory} (owner: {owner}): start "
            "as an ordinary user, move the checkout to a folder that others may enter, or set "
            "DATABASE_URL to a running server."
        )
    return (
        f"PostgreSQL cannot work in {directory}: it belongs to {owner}, and this process is "
        f"{_name(os.geteuid())}. Start as its owner, or set DATABASE_URL to a running server."
    )


def _candidates(owner: os.stat_result | None) -> Iterator[Account]:
    """For a cluster that exists its owner, for a new one everybody worth a try, best first."""
    me = Account(uid=os.geteuid(), gid=os.getegid())
    if me.uid != 0:
        if owner is None or owner.st_uid == me.uid:
            yield from [me] if _is_known(me.uid) else [_in_namespace(me)]
        return
    others = [_other(uid) for uid in ([owner.st_uid] if owner else _unprivileged()) if uid != 0]
    yield from others
    if owner is None or owner.st_uid == 0:
        yield _in_namespace(me)
    yield from (_past_permissions(account) for account in others[-1:])


def _unprivileged() -> Iterator[int]:
    """The owner of the checkout, then the accounts that own next to nothing."""
    yield paths.CHECKOUT.stat().st_uid
    for name in ("postgres", "nobody"):
        try:
            yield pwd.getpwnam(name).pw_uid
        except KeyError:
            continue


def _other(uid: int) -> Account:
    return Account(uid=uid, gid=pwd.getpwuid(uid).pw_gid if _is_known(uid) else uid, become=True)


def _in_namespace(me: Account) -> Account:
    return Account(uid=me.uid, gid=me.gid, prefix=_NAMESPACE)


def _past_permissions(other: Account) -> Account:
    """With root's right to pass closed folders: in a container, where user namespaces are often forbidden."""
    return Account(
        uid=other.uid,
        gid=other.gid,
        prefix=(
            "setpriv",
            f"--reuid={other.uid}",
            f"--regid={other.gid}",
            "--clear-groups",
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=-all,+dac_override",
        ),
    )


def _is_known(uid: int) -> bool:
    """Whether the user database has the account; initdb insists on that."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name if _is_known(uid) else str(uid)
