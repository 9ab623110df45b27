"""The `crontab` program: reads and replaces the user's whole table, byte for byte, or says why not."""

import os
import re
import subprocess
from collections.abc import Sequence

from django.core.management.base import CommandError

from jobqueue.management.command import FAILED

_NONE_YET = re.compile(r"\bno crontab for\b")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class CrontabProgram:
    """Called without a shell. Bytes that are no text come and go as they are."""

    def __init__(self, command: Sequence[str]) -> None:
        """`command` is the program, perhaps with arguments before ours."""
        self._command = command

    def read(self) -> list[str]:
        """The lines of the table, each with its end.

        Raises:
            CommandError: the program is missing, or does not tell.
        """
        ran = self._run("-l")
        if ran.returncode == 0:
            return _LINE.findall(ran.stdout.decode(errors="surrogateescape"))
        # Whoever took any other failure for an empty table would soon have written one.
        if _NONE_YET.search(ran.stderr.decode(errors="replace")):
            return []
        raise _refusal(ran)

    def write(self, lines: Sequence[str]) -> None:
        """Make this the table.

        Raises:
            CommandError: the program is missing, or refuses; the table is as it was.
        """
        ran = self._run("-", given="".join(lines))
        if ran.returncode:
            raise _refusal(ran)

    def _run(self, argument: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [*self._command, argument],
                input=given.encode(errors="surrogateescape"),
                env={**os.environ, "LC_ALL": "C"},
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise CommandError(
                f"There is no program {self._command[0]}: install Debian's `cron` package (apt-get install cron) or "
                "what your system has for it, or name the program by the setting CRONTAB_EXECUTABLE.",
                returncode=FAILED,
            ) from None
        except OSError as error:
            raise CommandError(f"{self._command[0]} cannot be started: {error.strerror}.", returncode=FAILED) from None


def _refusal(ran: subprocess.CompletedProcess[bytes]) -> CommandError:
    said = ran.stderr.decode(errors="replace").strip() or f"exit status {ran.returncode}"
    return CommandError(f"Nothing was changed, because crontab refuses: {said}", returncode=FAILED)
