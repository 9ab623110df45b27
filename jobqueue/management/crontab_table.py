"""django-crontab's lines in the user's crontab, put there and taken out without touching any other.

The package reads and writes through a shell that nobody asks whether it succeeded, and logs a job's error and goes on.
"""

import os
import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import UserSettingsHolder, settings
from django.core.management.base import CommandError
from django.utils.module_loading import import_string
from django_crontab.app_settings import Settings
from django_crontab.crontab import Crontab

from jobqueue.management.command import FAILED
from jobqueue.management.crontab_program import CrontabProgram
from jobqueue.management.single import single


class CrontabTable(Crontab):  # type: ignore[misc]  # the package is not typed
    """The entries of CRONJOBS, and the lines that stand for them in the user's crontab.

    A line is ours if it calls this checkout's `manage.py` and ends with CRONTAB_COMMENT.
    """

    def __init__(self) -> None:
        """
        Raises:
            CommandError: it is not clear which `manage.py` cron is to call.
        """
        self.verbosity = 0
        self.crontab_lines: list[str] = []
        self.manage = _manage_path()
        self.program = CrontabProgram(shlex.split(getattr(settings, "CRONTAB_EXECUTABLE", "crontab")))
        given = UserSettingsHolder(settings)
        given.CRONTAB_DJANGO_MANAGE_PATH = str(self.manage)
        self.settings = Settings(given)
        self.settings.DJANGO_MANAGE_PATH = _quoted(str(self.manage))
        self.settings.PYTHON_EXECUTABLE = _quoted(self.settings.PYTHON_EXECUTABLE)
        self.settings.DJANGO_SETTINGS_MODULE = (
            self.settings.DJANGO_SETTINGS_MODULE or os.environ["DJANGO_SETTINGS_MODULE"]
        )
        self.settings.CRONTAB_COMMENT = _escaped(self.settings.CRONTAB_COMMENT)

    def wanted(self) -> Mapping[str, Sequence[Any]]:
        """The line of each entry of CRONJOBS, and the entry."""
        self.crontab_lines = []
        self.add_jobs()
        return dict(zip(self.crontab_lines, self.settings.CRONJOBS, strict=True))

    def installed(self) -> list[str]:
        """Those lines of the user's crontab that are ours.

        Raises:
            CommandError: the `crontab` program is missing, or does not tell.
        """
        return [line for line in self.program.read() if self._is_ours(line)]

    def replace(self, ours: Sequence[str]) -> tuple[list[str], list[str]]:
        """Have exactly these lines of ours in the crontab, where ours were; all others stay as they are.

        Returns:
            The lines that it did not have, and those that it had and has no more.

        Raises:
            CommandError: the `crontab` program is missing, or refuses.
        """
        lines = self.program.read()
        had = [line for line in lines if self._is_ours(line)]
        at = lines.index(had[0]) if had else len(lines)
        if lines and at == len(lines) and not lines[-1].endswith("\n"):
            at -= 1  # a last line without its end must neither grow together with ours nor be given one
        before, after = ([line for line in part if not self._is_ours(line)] for part in (lines[:at], lines[at:]))
        if [*before, *ours, *after] != lines:
            self.program.write([*before, *ours, *after])
            if self.installed() != list(ours):
                raise CommandError("crontab took the lines, but `crontab -l` does not show them.", returncode=FAILED)
        return list((Counter(ours) - Counter(had)).elements()), list((Counter(had) - Counter(ours)).elements())

    def run_job(self, job_hash: str) -> None:
        """Call the function of an entry; what it raises is the caller's to tell.

        With CRONTAB_LOCK_JOBS, do nothing while an earlier call of the entry goes on.

        Raises:
            CommandError: no entry has this hash.
        """
        try:
            _, name, *rest = self._Crontab__get_job_by_hash(job_hash)
        except RuntimeError as error:
            raise CommandError(str(error), returncode=FAILED) from None
        arguments: Sequence[Any] = rest[0] if rest and not isinstance(rest[0], str) else []
        keywords: Mapping[str, Any] = rest[1] if len(rest) > 1 else {}
        function = import_string(name)
        if not self.settings.LOCK_JOBS:
            function(*arguments, **keywords)
            return
        with single(f"{self.manage} {self.settings.DJANGO_SETTINGS_MODULE} {job_hash}") as is_single:
            if is_single:
                function(*arguments, **keywords)

    def _is_ours(self, line: str) -> bool:
        is_entry = not line.lstrip().startswith("#") and f" {self.settings.DJANGO_MANAGE_PATH} crontab run " in line
        return is_entry and line.rstrip().endswith(f"# {self.settings.CRONTAB_COMMENT}")


def _manage_path() -> Path:
    path = Path(getattr(settings, "CRONTAB_DJANGO_MANAGE_PATH", sys.argv[0])).absolute()
    if path.suffix != ".py" or path.name == "__main__.py" or not path.is_file():
        raise CommandError(
            f"Cron cannot call {path}: set CRONTAB_DJANGO_MANAGE_PATH to the path of your manage.py.",
            returncode=FAILED,
        )
    return path


def _quoted(path: str) -> str:
    return _escaped(shlex.quote(path))


def _escaped(text: str) -> str:
    # To cron a % is the end of the line, whatever the quotes around it; a backslash before one is already an escape.
    if "\n" in text or "\\%" in text:
        raise CommandError(f"A crontab cannot hold {text!r}.", returncode=FAILED)
    return text.replace("%", r"\%")
