"""What a pause is about: everything, a queue, or a task type."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from jobqueue.management.command import wrong_use
from jobqueue.models.pause import PauseScope


def add_scope(parser: CommandParser, *, with_all: bool = False) -> None:
    """The options that say it; none of them is everything.

    Args:
        with_all: also offer every pause that there is.
    """
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--queue", metavar="NAME", help="this queue only")
    scope.add_argument("--type", metavar="NAME", help="this task type only")
    if with_all:
        scope.add_argument("--all", action="store_true", help="every pause, whatever it is about")


def said(scope: PauseScope, name: str) -> str:
    """Such as "everything" or "queue emails"."""
    return f"{scope.label.lower().removeprefix('one ')} {name}".strip()


def scope_of(options: Mapping[str, Any]) -> tuple[PauseScope, str]:
    """The scope and its name.

    Raises:
        CommandError: the name is empty.
    """
    for option, scope in (("queue", PauseScope.QUEUE), ("type", PauseScope.TASK_TYPE)):
        if options[option] is not None:
            name = options[option].strip()
            if not name:
                raise wrong_use(f"--{option} needs a name.")
            return scope, name
    return PauseScope.EVERYTHING, ""
