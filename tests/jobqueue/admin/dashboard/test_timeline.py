"""The schedules around now, drawn."""

import itertools
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from jobqueue.admin.dashboard.timeline import Dot, Lane, timeline
from jobqueue.models import Occurrence
from jobqueue.models.occurrence import Trigger
from jobqueue.states import Status
from tests.jobqueue.factories import make_schedule

pytestmark = pytest.mark.django_db


def lane() -> Lane:
    """That of the only schedule."""
    (only,) = timeline().lanes
    return only


def gaps(dots: Sequence[Dot]) -> list[float]:
    places = [dot.x for dot in dots]
    return [b - a for a, b in itertools.pairwise(places)]


def test_each_run_to_come_has_its_place_if_there_is_room() -> None:
    make_schedule(expression="*/30 * * * *")

    assert (lane().runs, len(lane().dots)) in {("6", 6), ("7", 7)}  # with one at this very moment


def test_a_schedule_of_every_minute_fills_its_lane_evenly_to_the_end() -> None:
    make_schedule(expression="* * * * *")
    coming = list(lane().dots)

    assert lane().runs in {"180", "181"}
    assert coming[-1].x > 980
    assert max(gaps(coming)) < 20
    assert min(gaps(coming)) >= 12


def test_a_failure_is_never_left_out_for_want_of_room() -> None:
    schedule = make_schedule(expression="* * * * *")
    now = timezone.now().replace(second=0, microsecond=0)
    for minutes in range(1, 170):
        status = Status.FAILED if minutes in (50, 51, 52) else Status.SUCCEEDED
        Occurrence.objects.create(
            schedule=schedule,
            scheduled_at=now - timedelta(minutes=minutes),
            fired_at=now - timedelta(minutes=minutes),
            trigger=Trigger.SCHEDULE,
            status=status,
        )

    past = [dot for dot in lane().dots if dot.x < 500]

    assert [dot.status for dot in past].count("failed") == 3
    assert len(past) < 60
    assert past == sorted(past, key=lambda dot: dot.at)
