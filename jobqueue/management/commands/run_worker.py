"""The worker: claims and runs jobs until it is stopped."""

import argparse
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from jobqueue.logs import configure_plain
from jobqueue.management.command import WithExamples
from jobqueue.worker.once import run_once
from jobqueue.worker.run import default_concurrency, run_worker


class Command(WithExamples):
    help = "Run jobs until stopped: TERM or Ctrl-C lets running jobs end, a second one hands them back."
    examples = ("--concurrency 4 --queues emails,reports", "--once --limit 100")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--concurrency",
            type=_positive,
            default=default_concurrency(),
            metavar="N",
            help="executor processes (default: the number of processors, at least 2)",
        )
        parser.add_argument("--queues", type=_names, default=[], metavar="A,B", help="only these queues")
        parser.add_argument("--no-scheduler", action="store_true", help="do not fire schedules")
        parser.add_argument("--once", action="store_true", help="run what is due now, then end")
        parser.add_argument("--limit", type=_positive, metavar="N", help="with --once: at most N jobs")
        parser.add_argument("--force", action="store_true", help="with --once: also while everything is paused")
        # The row that whoever starts this process has made of it.
        parser.add_argument("--cycle", type=UUID, metavar="ID", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("limit", "force", "cycle"):
            if options[name] and not options["once"]:
                self.stderr.write(f"--{name} needs --once.")
                raise SystemExit(2)
        configure_plain()
        common = {"concurrency": options["concurrency"], "queues": options["queues"]}
        if not options["once"]:
            run_worker(with_scheduler=not options["no_scheduler"], **common)
            return
        jobs = run_once(cycle=options["cycle"], limit=options["limit"], force=options["force"], **common)
        self.stdout.write(f"{jobs} jobs run.")


def _positive(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1 to 10000")
    return int(text)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("expected names of queues, separated by commas")
    return names
