"""Enqueue one job from the shell, and wait for it if asked."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.enqueuing import Enqueued
from jobqueue.management import arguments
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.following import follow
from jobqueue.management.printing import as_json
from jobqueue.management.selecting import job_id
from jobqueue.models import Job
from jobqueue.new_job import NewJob
from jobqueue.states import OnFailure


class Command(JobQueueCommand):
    help = "Enqueue a job, and with --wait follow it to its end: exit status 1 unless it succeeds."
    examples = (
        "game_platform_sync --payload '{\"dryRun\": true}' --wait",
        "send_message --delay 2h --queue emails --tag autumn --unique-key greeting:5",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", metavar="TYPE", help="the task type")
        parser.add_argument("--payload", type=arguments.json_object, default={}, metavar="JSON", help="a JSON object")
        when = parser.add_mutually_exclusive_group()
        when.add_argument("--delay", type=arguments.duration, metavar="60s", help="start not before this passed")
        when.add_argument("--run-at", type=arguments.moment, metavar="TIME", help="start not before this ISO 8601 time")
        parser.add_argument(
            "--deadline",
            type=arguments.future,
            metavar="TIME",
            help="not started by then it is dropped: 2h or ISO 8601",
        )
        parser.add_argument("--priority", type=arguments.priority, metavar="HIGH", help="LOW, NORMAL, HIGH or CRITICAL")
        parser.add_argument("--queue", metavar="NAME", help="the queue (default: the task type's)")
        self._add_rules(parser)
        parser.add_argument(
            "--wait", action="store_true", help="follow it to its end; exit status 1 unless it succeeds"
        )
        parser.add_argument("--json", action="store_true", help='{"id", "created"}, and with --wait "status", "result"')

    def _add_rules(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--depends-on", action="append", default=[], metavar="ID", help="start after this job succeeded; repeatable"
        )
        parser.add_argument(
            "--on-failure",
            choices=OnFailure.values,
            default=OnFailure.HOLD.value,
            help="if one of those does not succeed: wait for its retry (hold, the default), cancel, or run anyway",
        )
        parser.add_argument("--unique-key", metavar="KEY", help="only one unfinished job may have it")
        parser.add_argument("--concurrency-key", metavar="KEY", help="jobs with the same key share its places")
        parser.add_argument(
            "--concurrency-limit", type=arguments.positive, default=1, metavar="N", help="so many places (default 1)"
        )
        parser.add_argument("--max-attempts", type=arguments.positive, metavar="N", help="default: the task type's")
        parser.add_argument("--timeout", type=arguments.duration, metavar="5m", help="of one attempt")
        parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="to find it by; repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        enqueued = operations.create(_new_job(options), Actor.of_shell())
        if not options["json"]:
            said = "Enqueued" if enqueued.created else "Joined the unfinished job with the same unique key:"
            self.stdout.write(f"{said} {enqueued.id}")
        job = follow(enqueued, self.stderr) if options["wait"] else None
        if options["json"]:
            self.stdout.write(as_json(_answer(enqueued, job)))
        elif job is not None and job.result is not None:
            self.stdout.write(as_json(job.result))


def _new_job(options: dict[str, Any]) -> NewJob:
    return NewJob(
        task_type=options["type"],
        payload=options["payload"],
        delay=options["delay"],
        run_at=options["run_at"],
        deadline=options["deadline"],
        priority=options["priority"],
        queue=options["queue"],
        depends_on=[job_id(text) for text in options["depends_on"]],
        on_failure=OnFailure(options["on_failure"]),
        unique_key=options["unique_key"],
        concurrency_key=options["concurrency_key"],
        concurrency_limit=options["concurrency_limit"],
        max_attempts=options["max_attempts"],
        timeout=options["timeout"],
        tags=options["tag"],
    )


def _answer(enqueued: Enqueued, job: Job | None) -> dict[str, Any]:
    answer = {"id": str(enqueued.id), "created": enqueued.created}
    return answer if job is None else {**answer, "status": job.status, "result": job.result}
