"""Which jobs a command is about: the options that choose them, and what they stand for."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from jobqueue.management import arguments
from jobqueue.management.command import FAILED, wrong_use
from jobqueue.management.users import is_key, user_called
from jobqueue.models import Schedule
from jobqueue.newest import RECENT, ids_ending

_MOST_NAMED = 20


def add_selectors(parser: CommandParser) -> None:
    """The options that choose jobs; all that are given must fit."""
    which = parser.add_argument_group("which jobs", "All given conditions together; values may be repeated.")
    which.add_argument("--id", action="append", default=[], metavar="ID", help="a job id, whole or its last 8 digits")
    for option, word in (("--type", "task type"), ("--queue", "queue"), ("--error-code", "error code")):
        which.add_argument(
            option, action="extend", type=arguments.names, default=[], metavar="NAME", help=f"of this {word}"
        )
    which.add_argument(
        "--status",
        action="extend",
        type=arguments.statuses,
        default=[],
        metavar="STATUS",
        help="pending, running, retrying, succeeded, failed, dead or cancelled",
    )
    which.add_argument(
        "--since",
        type=arguments.past,
        metavar="TIME",
        help="ended (or, unless all chosen have, created) since, e.g. 1h",
    )
    which.add_argument("--until", type=arguments.past, metavar="TIME", help="the same, before: 1h (ago) or ISO 8601")
    which.add_argument("--fingerprint", default="", metavar="HEX", help="with this error, see list_failures")
    which.add_argument("--created-by", metavar="USER", help="enqueued by this user: name or id")
    which.add_argument("--schedule", metavar="NAME", help="enqueued by this schedule: name or id")
    which.add_argument("--tag", default="", metavar="TAG", help="with this tag")


def chosen(options: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, by the names of `Selection`; empty if nothing was.

    Raises:
        CommandError: an id, a user or a schedule that does not exist.
    """
    given = {
        "ids": tuple(job_id(text) for text in options["id"]),
        "statuses": tuple(options["status"]),
        "task_types": tuple(options["type"]),
        "queues": tuple(options["queue"]),
        "error_codes": tuple(options["error_code"]),
        "since": options["since"],
        "until": options["until"],
        "fingerprint": options["fingerprint"],
        "created_by": None if options["created_by"] is None else find_user(options["created_by"]).pk,
        "schedule": None if options["schedule"] is None else find_schedule(options["schedule"]).pk,
        "tag": options["tag"],
    }
    return {name: value for name, value in given.items() if value not in ((), None, "")}


def job_id(text: str) -> UUID:
    """The id that the text says: a whole one, or the 8 digits by which lists call it.

    Raises:
        CommandError: it is none, or no or several recent jobs have these digits.
    """
    text = text.strip().lower()
    if not re.fullmatch("[0-9a-f]{8}", text):
        try:
            return UUID(text)
        except ValueError:
            message = f"{text[:100]!r} is no job id: expected a UUID, or the 8 digits 0-9 and a-f that lists show."
            raise wrong_use(message) from None
    found = ids_ending(text)
    if not found:
        raise CommandError(f"None of the last {RECENT:,} jobs has the short id {text}.", returncode=FAILED)
    if len(found) > 1:
        listed = ", ".join(map(str, found[:3]))
        raise CommandError(f"Several jobs have the short id {text}: {listed}. Give the whole id.", returncode=FAILED)
    return found[0]


def find_schedule(text: str) -> Schedule:
    """The schedule of that name, or else with that id.

    Raises:
        CommandError: there is none; the message names those that there are.
    """
    schedule = Schedule.objects.filter(name=text).first()
    if schedule is None and is_key(text):
        schedule = Schedule.objects.filter(pk=int(text)).first()
    if schedule is None:
        names = list(Schedule.objects.order_by("name").values_list("name", flat=True)[: _MOST_NAMED + 1])
        more = " ..." if len(names) > _MOST_NAMED else ""
        known = ", ".join(names[:_MOST_NAMED]) or "none"
        raise CommandError(f"No schedule is called {text[:100]!r}. There are: {known}{more}.", returncode=FAILED)
    return schedule


def find_user(text: str) -> Any:
    """The user of that name, or else with that id.

    Raises:
        CommandError: there is none.
    """
    user = user_called(text)
    if user is None:
        raise CommandError(f"No user is called {text[:100]!r}.", returncode=FAILED)
    return user
