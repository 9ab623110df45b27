"""What all commands share: help with examples, and one sentence instead of a traceback for what a user can mend."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NoReturn

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError

from jobqueue.cron import InvalidExpressionError, InvalidTimezoneError
from jobqueue.exceptions import (
    InvalidOptionError,
    InvalidPayloadError,
    InvalidSelectionError,
    InvalidTokenError,
    JobQueueError,
    UnknownTaskTypeError,
)

FAILED = 1
WRONG_USE = 2
_STOPPED = 130  # as a shell reports an interrupt

_WRONG_INPUT = (
    InvalidExpressionError,
    InvalidOptionError,
    InvalidPayloadError,
    InvalidSelectionError,
    InvalidTimezoneError,
    InvalidTokenError,
    UnknownTaskTypeError,
)
_NO_SUCH_TABLE = ("42P01", "42703")


class _Formatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of the examples."""


class WithExamples(BaseCommand):
    """A command whose help ends with examples."""

    # Not those of the URLs: they import the web side, whose libraries would double the memory of a worker's processes
    # and the time that a command takes to start.
    requires_system_checks: list[str] | tuple[str, ...] = ("jobqueue", Tags.models)
    examples: ClassVar[Sequence[str]] = ()
    """Without "manage.py"; shown at the end of its help."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The usual parser, with the examples at its end."""
        lines = "\n".join(f"  manage.py {subcommand} {example}".rstrip() for example in self.examples)
        title = "example" if len(self.examples) == 1 else "examples"
        kwargs = {"epilog": f"{title}:\n{lines}", "formatter_class": _Formatter, **kwargs}
        return super().create_parser(prog_name, subcommand, **kwargs)


class JobQueueCommand(WithExamples):
    """A command of the queue: it does one thing, and says in a sentence what kept it from that."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it; what a user can mend becomes a `CommandError`."""
        with _sentences():
            try:
                said = super().execute(*args, **options)
                self.stdout.flush()
            except BrokenPipeError:
                _quieten()  # whoever read has enough, such as `head`
                return None
        return said


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except JobQueueError as error:
        raise CommandError(str(error), returncode=WRONG_USE if isinstance(error, _WRONG_INPUT) else FAILED) from None
    except (OperationalError, InterfaceError) as error:
        raise CommandError(f"The database does not answer: {_first_line(error)}", returncode=FAILED) from None
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) not in _NO_SUCH_TABLE:
            raise
        raise CommandError(
            f"The database lacks a table or a column: run manage.py migrate. ({_first_line(error)})", returncode=FAILED
        ) from None
    except (DataError, UnicodeEncodeError) as error:
        raise wrong_use(f"The database refuses a value: {_first_line(error)}") from None
    except KeyboardInterrupt:
        raise CommandError("Stopped.", returncode=_STOPPED) from None


def wrong_use(message: str) -> CommandError:
    """The error to raise for what was asked for wrongly."""
    return CommandError(message, returncode=WRONG_USE)


def end(status: int) -> NoReturn:
    """End with this exit status, all having been said."""
    raise SystemExit(status)


def checked[T](parse: Callable[[str], T]) -> Callable[[str], T]:
    """A parser of an option whose own sentence is shown; argparse would say "invalid <function name> value"."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error).replace("%", "%%")) from None

    return read


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _quieten() -> None:
    # Python flushes stdout once more at its end and would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
