"""Enqueue one job from the shell, and wait for it if asked."""

import argparse
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from jobqueue.api import enqueue
from jobqueue.durations import parse_duration
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Job
from jobqueue.states import Priority, Status, parse_priority
from jobqueue.watching import wait_with_bar


class Command(BaseCommand):
    help = "Enqueue a job, for example: enqueue_job game_platform_sync --payload '{\"dryRun\": true}' --wait"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", metavar="TYPE", help="the task type")
        parser.add_argument("--payload", type=_json, default={}, metavar="JSON", help="a JSON object")
        when = parser.add_mutually_exclusive_group()
        when.add_argument("--delay", type=_checked(parse_duration), metavar="60s", help="start not before this passed")
        when.add_argument("--run-at", type=_moment, metavar="TIME", help="start not before this ISO time")
        parser.add_argument(
            "--priority",
            type=_checked(parse_priority),
            default=Priority.NORMAL,
            metavar="HIGH",
            help="LOW, NORMAL, HIGH or CRITICAL",
        )
        parser.add_argument("--queue", default="default", metavar="NAME", help="the queue (default: default)")
        parser.add_argument(
            "--wait", action="store_true", help="follow it to its end; exit status 1 unless it succeeds"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            enqueued = enqueue(
                options["type"],
                options["payload"],
                delay=options["delay"],
                run_at=options["run_at"],
                priority=options["priority"],
                queue=options["queue"],
            )
        except JobQueueError as error:
            raise CommandError(str(error)) from None
        said = "Enqueued" if enqueued.created else "Joined the unfinished job with the same unique key:"
        self.stdout.write(f"{said} {enqueued.id}")
        if options["wait"]:
            try:
                self._tell_end(wait_with_bar(enqueued.id))
            except Job.DoesNotExist:
                raise CommandError("The job was deleted before it ended.") from None
            except KeyboardInterrupt:
                raise CommandError("No longer watching; the job goes on.") from None

    def _tell_end(self, job: Job) -> None:
        if job.status != Status.SUCCEEDED:
            detail = f": {job.error_code} {job.error_message}" if job.error_code else ""
            raise CommandError(f"The job ended {job.get_status_display().lower()}{detail}")
        if job.result is not None:
            self.stdout.write(json.dumps(job.result, indent=2))


def _checked[T](parse: Callable[[str], T]) -> Callable[[str], T]:
    # argparse shows a ValueError as "invalid <function name> value"; the parser's own sentence is better.
    def read(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


@_checked
def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"this is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError('expected a JSON object such as {"dryRun": true}')
    return value


@_checked
def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time: expected ISO 8601 such as 2026-12-24T18:00+01:00") from None
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return moment
