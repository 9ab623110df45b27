"""Making and changing a schedule from the shell: what is given is set, judged as everywhere, stored and told."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.declaring import check_schedule, new_schedule
from jobqueue.exceptions import InvalidScheduleError
from jobqueue.management.command import FAILED, wrong_use
from jobqueue.management.printing import iso, plain
from jobqueue.management.schedule_arguments import apply, option_of
from jobqueue.management.schedule_describing import times_table
from jobqueue.management.schedule_facts import ScopeLabels, facts, schedule_json, scope_labels, upcoming
from jobqueue.models import Schedule

_SHOWN = 5
_NARROW = 80
_MOST_COMPARED = 1_000
_JUDGED = [name for fact in facts({}) for name in fact.fields if name not in ("is_active", "notes")]


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A schedule as it was, and as it is or would be now."""

    before: Schedule | None
    after: Schedule
    is_dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "schedule": schedule_json(self.after),
            "created": self.before is None,
            "dryRun": self.is_dry_run,
            "changes": _changes(self.before, self.after) if self.before else {},
            "nextRuns": [iso(moment) for moment in upcoming(self.after, _SHOWN)],
        }

    def text(self) -> str:
        """For people: all of a new one, what became different in an old one, and the next runs."""
        labels = scope_labels([self.before or self.after, self.after])
        lines = _lines(self.before, self.after, labels)
        if not lines:
            return f"Nothing to change: {plain(self.after.name)} is like that already."
        verb = "create" if self.before is None else "change"
        lead = f"Would {verb}" if self.is_dry_run else f"{verb.capitalize()}d"
        return "\n".join([f"{lead} {plain(self.after.name)}:", *lines, "", _runs(self.after)])


def save(name: str, options: Mapping[str, Any], *, is_dry_run: bool) -> Saved:
    """Make the schedule, or set in it what was given; a dry run does the same and takes it back.

    Raises:
        CommandError: something is not possible; nothing is stored.
    """
    with transaction.atomic():
        # Locked before it is read, so that what others change meanwhile is not set back.
        stored = Schedule.objects.select_for_update(of=("self",)).filter(name=name).first()
        schedule = copy(stored) if stored else _new(name, options)
        apply(options, schedule)
        _judge(schedule, stored)
        try:
            with transaction.atomic():
                operations.save_schedule(schedule, Actor.of_shell())
        except IntegrityError:
            raise CommandError(f"Somebody else has just made {name!a}: try again.", returncode=FAILED) from None
        transaction.set_rollback(is_dry_run)
    return Saved(before=stored, after=schedule, is_dry_run=is_dry_run)


def _new(name: str, options: Mapping[str, Any]) -> Schedule:
    if "task_type" not in options or not {"expression", "interval"} & options.keys():
        known = Schedule.objects.order_by("name").values_list("name", flat=True)[:_MOST_COMPARED]
        near = get_close_matches(name, known, n=3)
        hint = f" Perhaps {' or '.join(near)}?" if near else ""
        raise wrong_use(
            f"No schedule is called {name!a}.{hint} A new one needs --type, and --cron or --every: see --help."
        )
    return new_schedule(name, options["task_type"])


def _judge(schedule: Schedule, before: Schedule | None) -> None:
    if before is not None and not schedule.is_active and not _differs(_JUDGED, before, schedule):
        return  # What is no longer valid, such as the task type, must not keep anybody from switching it off.
    try:
        check_schedule(schedule)
    except InvalidScheduleError as error:
        said = (f"{option_of(field)}: {problem}" for field, problem in error.problems.items())
        raise wrong_use("\n".join(said)) from None


def _lines(before: Schedule | None, after: Schedule, labels: ScopeLabels) -> list[str]:
    found = [fact for fact in facts(labels) if before is None or _differs(fact.fields, before, after)]
    said = [(fact.label, fact.say(before) if before else "", fact.say(after)) for fact in found]
    width = max((len(label) for label, _, _ in said), default=0)
    return [line for label, old, new in said for line in _line(f"{label:<{width}}", old, new, is_new=before is None)]


def _line(label: str, old: str, new: str, *, is_new: bool) -> list[str]:
    if is_new:
        return [f"  {label}  {plain(new)}"] if new else []
    old, new = plain(old) or "-", plain(new) or "-"
    one = f"  {label}  {old} -> {new}"
    return [one] if len(one) <= _NARROW else [f"  {label}  {old}", f"  {' ' * (len(label) - 1)}-> {new}"]


def _differs(fields: Iterable[str], before: Schedule, after: Schedule) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in fields)


def _changes(before: Schedule, after: Schedule) -> dict[str, Any]:
    old, new = schedule_json(before), schedule_json(after)
    changed = {name for name in old if old[name] != new[name]}
    # Secrets look alike when they are masked.
    changed |= {"payload"} if before.payload != after.payload else set()
    return {name: {"before": old[name], "after": new[name]} for name in old if name in changed}


def _runs(schedule: Schedule) -> str:
    times = upcoming(schedule, _SHOWN)
    if not times:
        return "It has no next run."
    heading = "Next runs:" if schedule.is_active else "Next runs, if it were switched on:"
    return f"{heading}\n{times_table(times, schedule.timezone)}"
