"""list_schedules: when, for whom, in which state, and what became of the latest run."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from jobqueue import scheduler
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.models.schedule import ScheduleKind
from jobqueue.scopes import Scope
from jobqueue.states import Status
from tests.jobqueue.factories import make_schedule

from .conftest import Shell


def interval(name: str, **fields: Any) -> Schedule:
    """One that runs every quarter of an hour."""
    given = {"kind": ScheduleKind.INTERVAL, "expression": "", "interval": timedelta(minutes=15), **fields}
    return make_schedule(name, **given)


def test_each_has_its_times_in_words_with_what_they_were_said_by(shell: Shell) -> None:
    make_schedule("nightly", expression="30 2 * * *", timezone="Europe/Berlin")
    interval("often", task_type="nap")

    lines = shell("list_schedules").out.splitlines()

    assert lines[0].split() == ["name", "state", "next", "run", "latest", "run", "outcome"]
    assert lines[1].startswith("nightly  active  ")
    assert lines[2] == "    At 02:30 (30 2 * * *, Europe/Berlin): noop"
    assert lines[4] == "    Every 15 minutes: nap"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "active"),
        ({"is_active": False}, "inactive"),
        ({"is_active": False, "ends_at": -60}, "ended"),
        ({"is_active": False, "ends_at": 60}, "inactive"),
        ({"next_run_at": -3}, "active"),
        ({"next_run_at": -6}, "late!"),
        ({"next_run_at": -6, "grace": timedelta(hours=1)}, "active"),
    ],
)
def test_its_state_is_told(fields: dict[str, Any], state: str, shell: Shell) -> None:
    make_schedule("nightly")
    now = timezone.now()
    times = {name: now + timedelta(minutes=fields[name]) for name in ("ends_at", "next_run_at") if name in fields}
    Schedule.objects.update(**(fields | times))

    assert shell("list_schedules").out.splitlines()[1].split()[1] == state
    assert shell("list_schedules", "--json").json["schedules"][0]["state"] == state


def test_the_latest_run_is_told_also_when_its_job_is_gone(shell: Shell) -> None:
    make_schedule("nightly")
    shell("run_schedule", "nightly")
    assert shell("list_schedules").out.splitlines()[1].endswith("  Pending")
    Job.objects.update(status=Status.DEAD, finished_at=timezone.now(), started_at=timezone.now(), attempts=3)
    Job.objects.all().delete()

    run = shell("list_schedules", "--json").json["schedules"][0]["latestRun"]

    assert (run["trigger"], run["status"], run["skipped"]) == ("manual", "dead", None)
    assert shell("list_schedules").out.splitlines()[1].endswith("  Dead")


def test_a_skipped_time_is_the_latest_run_too(shell: Shell) -> None:
    schedule, now = make_schedule("nightly"), timezone.now()
    Occurrence.objects.create(
        schedule=schedule, scheduled_at=now, fired_at=now, trigger=Trigger.SCHEDULE, skipped=Skipped.OVERLAP
    )

    assert shell("list_schedules").out.splitlines()[1].endswith("  skipped: overlap")


def test_an_upcoming_job_is_no_latest_run(shell: Shell) -> None:
    interval("often", starts_at=timezone.now() + timedelta(hours=1))
    Schedule.objects.update(next_run_at=timezone.now())
    assert scheduler.tick() == 1

    assert shell("list_schedules", "--json").json["schedules"][0]["latestRun"] is None


def test_for_whom_it_runs_is_told_by_name(shell: Shell, settings: Settings) -> None:
    alice = get_user_model().objects.create_user("alice")
    scopes = [Scope(name="coach", label="Coach", choices=get_user_model().objects.all)]
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": scopes}
    make_schedule("hers", scope={"coach": alice.pk})
    make_schedule("nobody's", scope={"coach": 0, "planet": 3})

    out = shell("list_schedules").out

    assert f"noop, for coach alice ({alice.pk})\n" in out
    assert "noop, for coach unknown (0), planet unknown (3)\n" in out


@pytest.mark.parametrize(
    ("arguments", "names"),
    [(["--active"], ["nightly"]), (["--inactive"], ["switched off"]), (["--type", "nap"], ["switched off"])],
)
def test_they_are_listed_by_what_they_are(arguments: list[str], names: list[str], shell: Shell) -> None:
    make_schedule("nightly")
    make_schedule("switched off", is_active=False, task_type="nap")

    answer = shell("list_schedules", "--json", *arguments).json

    assert [schedule["name"] for schedule in answer["schedules"]] == names


def test_many_are_read_page_by_page(shell: Shell) -> None:
    for number in range(5):
        make_schedule(f"schedule {number}")

    first = shell("list_schedules", "--limit", "3")
    rest = shell("list_schedules", "--after", "schedule 2", "--json").json

    assert "schedule 2" in first.out
    assert "schedule 3" not in first.out
    assert first.err == "There are 2 more: --after 'schedule 2'\n"
    assert [one["name"] for one in rest["schedules"]] == ["schedule 3", "schedule 4"]
    assert rest["next"] is None
    assert shell("list_schedules", "--limit", "3", "--json").json["next"] == "schedule 2"


def test_none_are_no_table(shell: Shell) -> None:
    assert shell("list_schedules").out == "No schedules.\n"


@pytest.mark.parametrize("number", [1, 30])
def test_the_number_of_queries_does_not_grow(
    number: int, shell: Shell, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alice = get_user_model().objects.create_user("alice")
    scopes = [Scope(name="coach", label="Coach", choices=get_user_model().objects.all)]
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": scopes}
    for n in range(number):
        scheduler.run_schedule(
            make_schedule(f"schedule {n}", scope={"coach": alice.pk}, task_type="game_platform_sync")
        )

    with django_assert_num_queries(6):
        shell("list_schedules")


@pytest.mark.parametrize("columns", ["80", "60"])
def test_it_fits_a_narrow_terminal(columns: str, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    make_schedule("nightly", expression="5,20,35,50 9-17 1,15 JAN-JUN 1-5", timezone="America/Argentina/Buenos_Aires")
    shell("run_schedule", "nightly")

    assert max(map(len, shell("list_schedules").out.splitlines())) <= int(columns)
