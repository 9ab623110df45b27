"""The scheduler alone: fires schedules, runs no jobs."""

import os
import signal
import socket
import threading
from typing import Any

from django.core.management.base import CommandParser

from jobqueue import deadman, scheduler
from jobqueue.logs import configure_plain
from jobqueue.management.command import JobQueueCommand
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.worker.timekeeper import LoneScheduler


class Command(JobQueueCommand):
    help = (
        "Fire schedules until stopped, and run no jobs. Every worker fires them too, unless it is started with "
        "--no-scheduler; any number may run side by side."
    )
    examples = ("", "--once")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="fire what is due now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        configure_plain()
        if options["once"]:
            self._once()
        else:
            self._until_stopped()

    def _once(self) -> None:
        jobs = scheduler.tick()
        scheduler.beat(TickSource.RUN_SCHEDULER, f"{socket.gethostname()}:{os.getpid()}")
        deadman.check()
        self.stdout.write(f"{jobs:,} {'job' if jobs == 1 else 'jobs'} enqueued.")

    def _until_stopped(self) -> None:
        ended, failed = threading.Event(), threading.Event()

        def fail() -> None:
            failed.set()
            ended.set()

        service = LoneScheduler(fail)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        service.start()
        self.stdout.write("Scheduling. Stop with Ctrl-C.")
        self.stdout.flush()
        ended.wait()
        service.stop()
        service.join(timeout=30)
        if failed.is_set():
            raise SystemExit(1)
