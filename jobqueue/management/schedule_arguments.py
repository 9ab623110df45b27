"""The options that set a schedule's fields. Those that are not given are absent, so that they change nothing."""

import argparse
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from jobqueue import cron
from jobqueue.management import arguments
from jobqueue.management.command import checked, wrong_use
from jobqueue.models import Schedule
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy, ScheduleKind

_NONE = "none"
_DIGITS_OF_A_KEY = 18
_OPTIONS = {"expression": "--cron", "interval": "--every", "task_type": "--type", "is_active": "--on"}
_FIELDS = (
    "timezone", "task_type", "payload", "queue", "priority", "max_attempts", "missed", "missed_window", "missed_cap",
    "overlap", "jitter", "grace", "is_active", "notes",
)  # fmt: skip
"""Those whose option gives the value itself."""


def option_of(field: str) -> str:
    """The option that sets the field."""
    return "NAME" if field == "name" else _OPTIONS.get(field, f"--{field.replace('_', '-')}")


def add_schedule_options(parser: CommandParser) -> None:
    """All that can be set."""
    _add_times(parser.add_argument_group("when"))
    _add_job(parser.add_argument_group("what"))
    _add_policies(parser.add_argument_group("what if"))


def apply(options: Mapping[str, Any], schedule: Schedule) -> None:
    """Set what was given.

    Raises:
        CommandError: a time that cannot be told, or is too far away.
    """
    for field in _FIELDS:
        if field in options:
            setattr(schedule, field, options[field])
    if "expression" in options:
        schedule.kind, schedule.expression, schedule.interval = ScheduleKind.CRON, options["expression"], None
    if "interval" in options:
        schedule.kind, schedule.expression, schedule.interval = ScheduleKind.INTERVAL, "", options["interval"]
    if "scope" in options:
        schedule.scope = {name: key for given in options["scope"] for name, key in given.items()}
    for field in {"starts_at", "ends_at"} & options.keys():
        setattr(schedule, field, _placed(options[field], schedule.timezone))
    if "span" in options:
        schedule.ends_at = _end(schedule, options["span"])


def _add_times(group: argparse._ArgumentGroup) -> None:
    times, end = group.add_mutually_exclusive_group(), group.add_mutually_exclusive_group()
    _add(times, "--cron", dest="expression", metavar="EXPR", help='as in crontab: "*/30 * * * *", or @daily')
    _add(times, "--every", dest="interval", type=arguments.duration, metavar="15m", help="from one run to the next")
    _add(group, "--timezone", metavar="ZONE", help="of these times, such as Europe/Berlin (default: UTC)")
    _add(
        group,
        "--starts-at",
        type=_moment,
        metavar="TIME",
        help="no run before: ISO 8601, in the zone above if it names none; or none",
    )
    _add(end, "--ends-at", type=_moment, metavar="TIME", help="no run after, said in the same way")
    _add(
        end,
        "--for",
        dest="span",
        type=arguments.duration,
        metavar="7d",
        help="so long from its start, or from now",
    )
    active = group.add_mutually_exclusive_group()
    _add(active, "--on", dest="is_active", action="store_true", help="switch it on, as a new one is")
    _add(active, "--off", dest="is_active", action="store_false", help="switch it off")


def _add_job(group: argparse._ArgumentGroup) -> None:
    _add(group, "--type", dest="task_type", type=arguments.name, metavar="TYPE", help="the task type of its jobs")
    _add(group, "--payload", type=arguments.json_object, metavar="JSON", help="a JSON object")
    _add(
        group,
        "--scope",
        type=_scope,
        action="append",
        metavar="coach=12",
        help="for whom, repeatable; replaces what was set; none for everybody",
    )
    _add(group, "--queue", type=arguments.name, metavar="NAME", help="the queue (default: the task type's)")
    _add(
        group,
        "--priority",
        type=arguments.priority,
        metavar="HIGH",
        help="LOW, NORMAL, HIGH or CRITICAL (default: the task type's)",
    )
    _add(group, "--max-attempts", type=arguments.positive, metavar="N", help="of each job (default 3)")
    _add(group, "--notes", type=_text, metavar="TEXT", help="for people")


def _add_policies(group: argparse._ArgumentGroup) -> None:
    _add(
        group,
        "--missed",
        choices=MissedPolicy.values,
        help="nothing ran at the time: leave it out, run once for all such (default), or run all",
    )
    _add(
        group,
        "--missed-window",
        type=arguments.duration,
        metavar="1h",
        help="leave out what was missed longer ago (default 1h)",
    )
    _add(group, "--missed-cap", type=arguments.positive, metavar="N", help="with all: so many at most (default 100)")
    _add(
        group,
        "--overlap",
        choices=OverlapPolicy.values,
        help="the job before is unfinished: leave the run out, let one wait (default), or run side by side",
    )
    _add(group, "--jitter", type=arguments.duration, metavar="30s", help="delay each run by up to this (default 0s)")
    _add(
        group,
        "--grace",
        type=arguments.duration,
        metavar="5m",
        help="later than this a run is missed, and an alert is raised (default 5m)",
    )


def _add(group: argparse._ActionsContainer, *names: str, **settings: Any) -> None:
    group.add_argument(*names, default=argparse.SUPPRESS, **settings)


@checked
def _scope(text: str) -> dict[str, int]:
    if text.strip().lower() == _NONE:
        return {}
    name, _, key = (part.strip() for part in text.partition("="))
    if not (name and key.isascii() and key.isdigit() and len(key) <= _DIGITS_OF_A_KEY):
        raise ValueError(f"{text[:100]!a} is no scope: expected a name and an id, such as coach=12, or none")
    return {name: int(key)}


@checked
def _moment(text: str) -> datetime | None:
    if text.strip().lower() == _NONE:
        return None
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"{text[:100]!a} is not a time: expected ISO 8601 such as 2026-12-24T18:00+01:00, or none"
        ) from None


@checked
def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL cannot be stored: expected text")
    return text


def _placed(moment: datetime | None, zone: str) -> datetime | None:
    """In the schedule's zone if it names none."""
    if moment is None:
        return None
    try:
        there = moment if timezone.is_aware(moment) else moment.replace(tzinfo=cron.zone_named(zone))
        return there.astimezone(timezone.get_current_timezone())
    except cron.InvalidTimezoneError as error:
        raise wrong_use(f"--timezone: {error}") from None
    except OverflowError:
        raise wrong_use(f"{moment} is no time that can be stored: expected one of the years 2 to 9998.") from None


def _end(schedule: Schedule, span: timedelta) -> datetime:
    now = timezone.now().replace(microsecond=0)
    try:
        return max(now, schedule.starts_at or now) + span
    except OverflowError:
        raise wrong_use(f"--for: {span.days:,} days are too long: expected less, or no end.") from None
