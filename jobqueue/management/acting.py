"""Retrying, cancelling and deleting from the shell: tell the numbers, ask if it matters, do it, tell what was done."""

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.bulk import (
    BulkOperation,
    BulkState,
    BulkVerb,
    Preview,
    Selection,
    begin,
    preview,
    progress,
    settle,
    summary,
)
from jobqueue.exceptions import InvalidSelectionError
from jobqueue.management.command import FAILED, JobQueueCommand, end, wrong_use
from jobqueue.management.following import warn_of_waiting
from jobqueue.management.printing import as_json, table
from jobqueue.management.selecting import add_selectors, chosen
from jobqueue.models.bulk_operation import ACTIVE
from jobqueue.transitions import Moved

_MANY = 100
_BETWEEN_LOOKS = 0.3


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the chosen jobs."""

    summary: str
    done: int = 0
    requested: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    operation: BulkOperation | None = None

    @property
    def is_in_vain(self) -> bool:
        """Whether it changed nothing."""
        return not (self.done or self.requested)


class ActOnJobs(JobQueueCommand):
    """One verb, applied to the jobs that the options choose."""

    verb: ClassVar[BulkVerb]
    participle: ClassVar[str]

    def add_arguments(self, parser: CommandParser) -> None:
        """The selectors, and what all three verbs have."""
        add_selectors(parser)
        parser.add_argument("--reason", default="", metavar="TEXT", help="why; the audit log keeps it")
        parser.add_argument("--dry-run", action="store_true", help="tell the numbers and change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--no-wait", action="store_true", help="do not follow an operation that goes on by itself")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell, ask, do, tell."""
        selection = _selection(options)
        expected = preview(self.verb, selection)
        if options["dry_run"]:
            self._tell_expected(expected, as_json_object=options["json"])
            return
        if not (expected.matched or selection.is_by_ids):
            self._tell(Outcome(summary=f"No job matches: {expected.description}"), as_json_object=options["json"])
            return
        self._agree(expected, options)
        outcome = self._do(selection, options)
        self._tell(outcome, as_json_object=options["json"])
        if selection.is_by_ids and outcome.is_in_vain and outcome.operation is None:
            end(FAILED)

    def _agree(self, expected: Preview, options: dict[str, Any]) -> None:
        destroys = self.verb == BulkVerb.DELETE
        if options["yes"] or not expected.eligible or not (destroys or expected.eligible > _MANY):
            return
        if sys.stdin is not None and sys.stdin.isatty():
            self._tell_expected(expected, as_json_object=False, to_stderr=True)
            if _asks(f"{self.verb.label} {_jobs(expected.eligible)}? [y/N] "):
                return
            raise CommandError("Nothing was changed.", returncode=FAILED)
        if destroys:
            raise wrong_use(
                f"This would delete {_jobs(expected.eligible)}, and nobody is here to ask: add --yes, "
                "or --dry-run to see which."
            )

    def _do(self, selection: Selection, options: dict[str, Any]) -> Outcome:
        actor, delay = Actor.of_shell(), options.get("delay")
        if selection.is_by_ids and len(selection.ids) <= _MANY:
            return self._do_few(selection, actor, options["reason"], delay)
        operation = begin(self.verb, selection, actor, reason=options["reason"], delay=delay)
        if operation.state in ACTIVE and not options["no_wait"]:
            operation = self._follow(operation)
        return Outcome(
            summary=summary(operation),
            done=operation.done,
            requested=operation.requested,
            skipped=operation.skipped,
            operation=operation,
        )

    def _do_few(self, selection: Selection, actor: Actor, reason: str, delay: timedelta | None) -> Outcome:
        moved = self._move(selection, actor, reason, delay)
        return Outcome(
            summary=moved.summary(self.participle),
            done=len(moved.done),
            requested=len(moved.requested),
            skipped=dict(Counter(moved.skipped.values())),
        )

    def _move(self, selection: Selection, actor: Actor, reason: str, delay: timedelta | None) -> Moved:
        match self.verb:
            case BulkVerb.RETRY:
                return operations.retry(selection.ids, actor, delay=delay, reason=reason)
            case BulkVerb.CANCEL:
                return operations.cancel(selection.ids, actor, reason)
            case _:
                return operations.delete(selection.ids, actor, reason)

    def _follow(self, operation: BulkOperation) -> BulkOperation:
        how_to_stop = f"manage.py cancel_job --id {operation.job_id}"
        try:
            self.stderr.write(f"{_jobs(operation.matched)} are worked on in the background; to stop it: {how_to_stop}")
            warn_of_waiting(operation.job_id, self.stderr)
            with tqdm(total=operation.matched, unit="job", dynamic_ncols=True, disable=None) as bar:
                while operation.state in ACTIVE:
                    time.sleep(_BETWEEN_LOOKS)
                    operation = settle(BulkOperation.objects.get(pk=operation.pk))
                    bar.n, bar.total = progress(operation)
                    bar.refresh()
        except KeyboardInterrupt:
            raise CommandError(
                f"No longer watching: the operation goes on. To stop it: {how_to_stop}", returncode=FAILED
            ) from None
        return operation

    def _tell_expected(self, expected: Preview, *, as_json_object: bool, to_stderr: bool = False) -> None:
        out = self.stderr if to_stderr else self.stdout
        if as_json_object:
            out.write(as_json(_preview_json(expected)))
            return
        if not expected.matched:
            out.write(f"No job matches: {expected.description}.")
            return
        out.write(f"Would {self.verb} {expected.eligible:,} of {expected.matched:,}: {expected.description}.")
        if expected.requested:
            out.write(f"Of these {expected.requested:,} are running, and would be asked to stop.")
        if expected.skipped:
            skipped = ", ".join(f"{number:,} {reason}" for reason, number in expected.skipped.items())
            out.write(f"Left alone: {skipped}.")
        if expected.groups:
            rows = [
                (f"{group.count:,}", group.task_type, group.status.label, group.error_code) for group in expected.groups
            ]
            out.write(table(("jobs", "task type", "status", "error"), rows, numbers=("jobs",)))

    def _tell(self, outcome: Outcome, *, as_json_object: bool) -> None:
        operation = outcome.operation
        if as_json_object:
            answer = {
                "verb": self.verb.value,
                "dryRun": False,
                "done": outcome.done,
                "requested": outcome.requested,
                "skipped": outcome.skipped,
                "operation": str(operation.pk) if operation else None,
                "state": operation.state if operation else BulkState.DONE.value,
            }
            self.stdout.write(as_json(answer))
        elif operation is not None and operation.state in ACTIVE:
            self.stdout.write(f"Goes on in the background, by job {operation.job_id}.")
        else:
            stopped = "Stopped: " if operation is not None and operation.state == BulkState.STOPPED else ""
            self.stdout.write(f"{stopped}{outcome.summary}.")


def _selection(options: dict[str, Any]) -> Selection:
    given = chosen(options)
    if not given:
        raise InvalidSelectionError("Which jobs? Give --id, or --status, --type or another condition; see --help.")
    return Selection(**given)


def _preview_json(expected: Preview) -> dict[str, Any]:
    return {
        "verb": expected.verb.value,
        "dryRun": True,
        "description": expected.description,
        "matched": expected.matched,
        "eligible": expected.eligible,
        "requested": expected.requested,
        "skipped": dict(expected.skipped),
        "groups": [
            {
                "taskType": group.task_type,
                "status": group.status.value,
                "errorCode": group.error_code,
                "count": group.count,
            }
            for group in expected.groups
        ],
    }


def _jobs(number: int) -> str:
    return f"{number:,} {'job' if number == 1 else 'jobs'}"


def _asks(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False
