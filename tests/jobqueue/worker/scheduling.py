"""Schedules beside real workers and schedulers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jobqueue.models import Alert, Job, Occurrence, Schedule, SchedulerBeat
from jobqueue.models.schedule import ScheduleKind
from jobqueue.states import Status
from tests.jobqueue.factories import SELDOM, make_schedule

from .waiting import eventually


@contextmanager
def scheduled(**fields: Any) -> Iterator[Schedule]:
    """A schedule that nobody fires yet; it is gone afterwards, with what it left."""
    try:
        yield make_schedule(**{"expression": SELDOM, **fields})
    finally:
        Schedule.objects.update(is_active=False)  # waits for who is firing it
        Job.objects.exclude(schedule=None).update(schedule=None)
        for model in (Occurrence, Alert, Schedule, SchedulerBeat):  # where apps are hidden, Django does not cascade
            model.objects.all().delete()


@contextmanager
def every_ten_minutes(**fields: Any) -> Iterator[Schedule]:
    """An interval schedule."""
    given = {"kind": ScheduleKind.INTERVAL, "expression": "", "interval": timedelta(minutes=10)}
    with scheduled(**{**given, **fields}) as schedule:
        yield schedule


def make_due(schedule: Schedule) -> None:
    """Its time comes now."""
    Schedule.objects.filter(pk=schedule.pk).update(next_run_at=timezone.now())


def let_ten_minutes_pass(schedule: Schedule) -> None:
    """As if the schedule and what it has made were older by that."""
    # A little more, so that no row takes another's time before that one has moved.
    span = timedelta(minutes=10, microseconds=1)
    jobs = Job.objects.filter(schedule=schedule)
    with transaction.atomic():
        Schedule.objects.filter(pk=schedule.pk).update(
            counts_from=F("counts_from") - span, next_run_at=F("next_run_at") - span
        )
        Occurrence.objects.filter(schedule=schedule).update(scheduled_at=F("scheduled_at") - span)
        jobs.update(occurrence=F("occurrence") - span)
        jobs.filter(status=Status.PENDING).update(run_at=F("run_at") - span)


def runs_of(schedule: Schedule, number: int) -> list[Job]:
    """Its first jobs, as soon as so many have succeeded."""
    ended = Job.objects.filter(schedule=schedule, status=Status.SUCCEEDED).order_by("id")
    eventually(lambda: ended.count() >= number, f"{number} jobs of {schedule} have succeeded")
    return list(ended)
