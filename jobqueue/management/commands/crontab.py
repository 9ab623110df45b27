"""Let a system crontab drive the queue: install, show and remove the entries of CRONJOBS."""

from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.module_loading import import_string

from jobqueue.management.command import FAILED, JobQueueCommand, wrong_use
from jobqueue.management.printing import table
from jobqueue.management.shell_only import ShellOnly

if TYPE_CHECKING:
    from jobqueue.management.crontab_table import CrontabTable

_EXAMPLE = 'CRONJOBS = [("* * * * *", "jobqueue.crontab.tick"), ("* * * * *", "jobqueue.crontab.cycle")]'


class Command(JobQueueCommand):
    help = (
        "Have cron fire schedules and run jobs, where no worker may stay: install the entries of CRONJOBS in your "
        "crontab. All other lines there stay as they are."
    )
    examples = ("add", "show")
    requires_system_checks = []  # cron calls it every minute

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "subcommand",
            choices=("add", "show", "remove", "run"),
            help="add or renew the entries; show which are there; remove them; run one, as cron does",
        )
        parser.add_argument("jobhash", nargs="?", metavar="HASH", help="with run: which entry")

    def handle(self, *args: Any, **options: Any) -> None:
        subcommand, job_hash = options["subcommand"], options["jobhash"]
        if (subcommand == "run") != (job_hash is not None):
            raise wrong_use("Expected a HASH with run, and with nothing else: manage.py crontab add, show or remove.")
        found = _table()
        if subcommand == "add":
            self._add(found)
        elif subcommand == "show":
            self._show(found)
        elif subcommand == "remove":
            self._remove(found)
        else:
            found.run_job(job_hash)

    def _add(self, found: "CrontabTable") -> None:
        wanted = found.wanted()
        for _, name, *_ in wanted.values():
            _check(name)
        added, removed = found.replace(list(wanted))
        for line in removed:
            self.stdout.write(f"Removed: {line.strip()}")
        for line in added:
            self.stdout.write(f"Added: {line.strip()}")
        self.stdout.write(f"{_entries(len(wanted))} of CRONJOBS in your crontab.")
        self._warn(ShellOnly.beside(found.manage), found)

    def _remove(self, found: "CrontabTable") -> None:
        _, removed = found.replace([])
        for line in removed:
            self.stdout.write(f"Removed: {line.strip()}")
        self.stdout.write(f"{_entries(len(removed))} removed from your crontab.")

    def _show(self, found: "CrontabTable") -> None:
        wanted, there = found.wanted(), Counter(found.installed())
        rows = [("installed" if line in there else "missing", job[0], job[1]) for line, job in wanted.items()]
        old = list((there - Counter(wanted.keys())).elements())
        if rows:
            self.stdout.write(table(("state", "time", "runs"), rows))
        for line in old:
            self.stdout.write(f"outdated: {line.strip()}")
        if not rows and not old:
            self.stdout.write("CRONJOBS has no entries, and your crontab none of this project.")
        if old or any(state == "missing" for state, *_ in rows):
            self.stdout.write("Your crontab differs from CRONJOBS: run manage.py crontab add.")

    def _warn(self, only: ShellOnly, found: "CrontabTable") -> None:
        dotenv = found.manage.with_name(".env")
        if only.missing:
            self.stderr.write(
                f"Warning: cron will not have what only this shell sets: {', '.join(only.missing)}. "
                f"If the jobs need it, put it into {dotenv}."
            )
        if only.different:
            self.stderr.write(
                f"Warning: {dotenv}, which cron's processes read, has other values than this shell: "
                f"{', '.join(only.different)}."
            )


def _table() -> "CrontabTable":
    if find_spec("django_crontab") is None:
        raise CommandError(
            f"django-crontab is not installed: pip install django-crontab, and have in your settings {_EXAMPLE}",
            returncode=FAILED,
        )
    if not hasattr(settings, "CRONJOBS"):
        raise CommandError(f"There is no setting CRONJOBS. Expected, for example: {_EXAMPLE}", returncode=FAILED)
    # Only now: the queue can do without the package.
    from jobqueue.management.crontab_table import CrontabTable

    return CrontabTable()


def _check(name: str) -> None:
    try:
        is_callable = callable(import_string(name))
    except ImportError as error:
        raise CommandError(f"CRONJOBS names {name}, which is not there: {error}", returncode=FAILED) from None
    if not is_callable:
        raise CommandError(f"CRONJOBS names {name}, which is no function.", returncode=FAILED)


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
