"""Four schedulers as processes, 500 schedules, and more than a week of simulated time with kill -9."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest
import time_machine
from django.db import connection

from jobqueue import cron
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy
from tests.jobqueue.factories import make_schedule

from .clock import SharedClock

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

# Both autumn nights of Berlin and New York are in it.
BEGIN = datetime(2026, 10, 24, 21, 7, tzinfo=UTC)
END = BEGIN + timedelta(days=9)
STEP = timedelta(minutes=30)
STANDSTILL = datetime(2026, 10, 28, 9, 7, tzinfo=UTC)
RESTART = STANDSTILL + timedelta(hours=3, minutes=30)
KILLS = 100
PATIENCE = 60.0  # real seconds; nothing is measured here

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
EXPRESSIONS = (
    "*/30 * * * *",
    "0 * * * *",
    "30 */4 * * *",
    "30 1 * * *",
    "0,30 2 * * *",
    "15 9-17 * * 1-5",
    "0 3 * * 0",
)
# What takes part in the first two is many thousands of times.
WEIGHTS = (4, 10, 20, 20, 20, 18, 8)


class Schedulers:
    """Four, until one is killed; then there is a new one in its place."""

    def __init__(self, clock: Path) -> None:
        name = str(connection.settings_dict["NAME"])
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.jobqueue.schedulers.nursery", str(clock)],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_NAME": name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pids: list[int] = []

    def start(self, number: int) -> None:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        for _ in range(number):
            self._nursery.stdin.write("\n")
            self._nursery.stdin.flush()
            self.pids.append(int(self._nursery.stdout.readline()))

    def kill(self, number: int) -> None:
        for _ in range(number):
            os.kill(self.pids.pop(random.randrange(len(self.pids))), signal.SIGKILL)

    def end(self) -> None:
        self.kill(len(self.pids))
        with self._nursery:  # closes the pipes
            self._nursery.kill()


@pytest.fixture
def schedulers(tmp_path: Path) -> Iterator[Schedulers]:
    clock = SharedClock(tmp_path / "clock")
    clock.set(BEGIN)
    schedulers = Schedulers(tmp_path / "clock")
    yield schedulers
    schedulers.end()


def _make_schedules() -> list[Schedule]:
    chance = random.Random(1)
    with time_machine.travel(BEGIN, tick=False):
        return [
            make_schedule(
                f"{policy} {number}",
                expression=chance.choices(EXPRESSIONS, WEIGHTS)[0],
                timezone=chance.choice(ZONES),
                missed=policy,
                # So that "all" knows no bound that would hide a loss.
                missed_window=timedelta(days=1) if policy == MissedPolicy.ALL else timedelta(hours=4),
                missed_cap=500,
                overlap=OverlapPolicy.ALLOW,
                grace=STEP,
            )
            for number in range(167)
            for policy in MissedPolicy
        ][:500]


def _expected(schedule: Schedule) -> list[datetime]:
    times = cron.upcoming(schedule.expression, schedule.timezone, BEGIN)
    return [moment.astimezone(UTC) for moment in takewhile(lambda moment: moment <= END, times)]


def _until_all_is_fired(now: datetime) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while Schedule.objects.filter(is_active=True, next_run_at__lte=now).exists():
        assert time.monotonic() < give_up_at, "the schedulers do not get on"
        time.sleep(0.005)


def _live_through(schedulers: Schedulers, clock: SharedClock) -> None:
    chance = random.Random(2)
    steps = int((END - BEGIN) / STEP)
    deadly = set(chance.sample(range(1, steps), KILLS))
    schedulers.start(4)
    now = BEGIN
    for step in range(1, steps + 1):
        now = BEGIN + step * STEP
        if STANDSTILL <= now < RESTART:
            if schedulers.pids:
                schedulers.kill(4)
            continue
        clock.set(now)
        if not schedulers.pids:
            schedulers.start(4)
        if step in deadly:
            time.sleep(chance.uniform(0, 0.03))
            number = chance.choice([1, 1, 2, 4])
            schedulers.kill(number)
            schedulers.start(number)
        _until_all_is_fired(now)


def test_every_occurrence_of_a_week_exactly_once_whatever_is_killed(schedulers: Schedulers, tmp_path: Path) -> None:
    schedules = _make_schedules()

    _live_through(schedulers, SharedClock(tmp_path / "clock"))

    jobs = Counter(Job.objects.values_list("schedule_id", "occurrence"))
    assert max(jobs.values()) == 1
    assert sum(jobs.values()) == Occurrence.objects.filter(skipped="").count()
    gap = {
        schedule.pk: [one for one in _expected(schedule) if STANDSTILL - STEP < one <= RESTART]
        for schedule in schedules
    }
    for schedule in schedules:
        expected, missed = _expected(schedule), gap[schedule.pk]
        fired = [moment for pk, moment in jobs if pk == schedule.pk and moment is not None]
        skipped = dict(schedule.occurrences.exclude(skipped="").values_list("scheduled_at", "skipped"))
        late = [one for one in missed if one < missed[-1] or RESTART - one > STEP]
        match schedule.missed:
            case MissedPolicy.ALL:
                assert sorted(fired) == expected
                assert not skipped
            case MissedPolicy.SKIP:
                assert sorted([*fired, *skipped]) == expected
                assert set(late) == set(skipped)
            case MissedPolicy.ONCE:
                assert sorted([*fired, *skipped]) == expected
                assert set(missed[:-1]) == set(skipped)
        assert set(skipped.values()) <= {Skipped.MISSED}
    made_up = Occurrence.objects.filter(trigger=Trigger.CATCH_UP)
    assert set(made_up.values_list("scheduled_at", flat=True)) <= {one for times in gap.values() for one in times}
    assert made_up.filter(schedule__missed=MissedPolicy.ONCE).exists()
    assert not made_up.filter(schedule__missed=MissedPolicy.SKIP).exists()
