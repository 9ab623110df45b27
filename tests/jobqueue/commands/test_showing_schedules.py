"""show_schedule: everything about one, in words and for scripts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from jobqueue import alerts
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.alert import AlertKind
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.models.schedule import MissedPolicy, ScheduleKind
from jobqueue.redaction import MASK
from jobqueue.states import Status
from tests.jobqueue.factories import make_job, make_schedule

from .conftest import Shell

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_its_times_and_policies_are_told_in_words(shell: Shell) -> None:
    make_schedule(
        "nightly", expression="30 2 * * *", timezone="Europe/Berlin", missed=MissedPolicy.ALL, missed_cap=7,
        missed_window=timedelta(minutes=90), jitter=timedelta(seconds=30), notes="for\nthe night",
    )  # fmt: skip

    out = shell("show_schedule", "nightly").out

    for line in (
        "Times      At 02:30 (30 2 * * *, Europe/Berlin)",
        "Missed     Run each, one after the other; not those older than 1 h 30 min, 7 at most",
        "Overlap    Let one wait",
        "Jitter     30 s",
        "Grace      5 min",
        "For        everybody",
        "Notes      for the night",
    ):
        assert f"{line}\n" in out


def test_its_next_ten_runs_are_told_in_its_zone_and_in_utc(shell: Shell) -> None:
    make_schedule("nightly", expression="30 2 * * *", timezone="America/New_York")
    Schedule.objects.update(next_run_at=datetime(2099, 10, 31, 6, 30, tzinfo=UTC))

    out = shell("show_schedule", "nightly").out
    runs = shell("show_schedule", "nightly", "--json").json["nextRuns"]

    listed = out.partition("Next runs:\n")[2].partition("\n\n")[0].splitlines()
    assert listed[:2] == [
        "  Sat 2099-10-31 02:30 EDT   2099-10-31 06:30 UTC",
        "  Sun 2099-11-01 02:30 EST   2099-11-01 07:30 UTC",
    ]
    assert len(listed) == len(runs) == 10
    assert runs[1] == "2099-11-01T07:30:00Z"


def test_the_nights_when_clocks_change_are_told(shell: Shell) -> None:
    make_schedule("nightly", expression="30 2 * * *", timezone="Europe/Berlin")
    make_schedule("steady", expression="30 2 * * *", timezone="UTC")

    out = " ".join(shell("show_schedule", "nightly").out.split())
    changes = shell("show_schedule", "nightly", "--json").json["clockChanges"]

    assert "the clocks go forward by 1 hour, to 03:00. 02:30 does not exist that night: it runs once, at 03:00." in out
    assert len(changes) == 2
    assert {change["note"] is None for change in changes} == {False}
    assert "Clock changes" not in shell("show_schedule", "steady").out


def test_those_that_start_in_the_same_minute_are_told(shell: Shell) -> None:
    make_schedule("nightly", expression="30 2 * * *")
    make_schedule("each half hour")
    make_schedule("elsewhere", queue="mail")

    out = shell("show_schedule", "nightly").out
    collisions = shell("show_schedule", "nightly", "--json").json["collisions"]

    assert [(one["name"], one["times"]) for one in collisions] == [("each half hour", 1)]
    assert "Starts in the same minute, within 24 h:\nname" in out


def test_its_latest_runs_are_told_with_status_duration_and_metrics(shell: Shell) -> None:
    schedule = make_schedule("nightly")
    for number in range(12):
        job = make_job(
            Status.SUCCEEDED,
            schedule=schedule,
            started_at=NOW,
            finished_at=NOW + timedelta(seconds=2.5),
            result={"synced": 1_000 + number, "by": {"coach": 3}},
        )
        at = NOW + timedelta(minutes=number)
        Occurrence.objects.create(schedule=schedule, scheduled_at=at, fired_at=at, trigger="schedule", job=job)
    Job.objects.filter(pk=job.pk).delete()

    out = shell("show_schedule", "nightly").out
    runs = shell("show_schedule", "nightly", "--json").json["runs"]

    assert len(runs) == 10
    assert (runs[0]["status"], runs[0]["durationSeconds"]) == ("succeeded", 2.5)
    assert runs[0]["metrics"] == {"synced": 1011, "by.coach": 3}
    assert f"2026-03-01 12:11:00  Schedule  Succeeded  2.50 s  {job.pk.hex[-8:]}\n" in out
    assert "synced 1,011" in out


def test_what_failed_and_what_was_skipped_is_told_with_the_reason(shell: Shell) -> None:
    schedule = make_schedule("nightly")
    job = make_job(Status.FAILED, schedule=schedule, error_message="login with password=hunter22 failed")
    Occurrence.objects.create(schedule=schedule, scheduled_at=NOW, fired_at=NOW, trigger=Trigger.SCHEDULE, job=job)
    later = NOW + timedelta(hours=1)
    Occurrence.objects.create(
        schedule=schedule, scheduled_at=later, fired_at=later, trigger=Trigger.SCHEDULE, skipped=Skipped.MISSED, times=8
    )

    out = shell("show_schedule", "nightly").out

    assert "skipped: missed (8 times)" in out
    assert f"login with password={MASK} failed" in out


def test_its_payload_is_masked(shell: Shell) -> None:
    make_schedule("nightly", payload={"apiToken": "k3y-k3y-k3y", "dryRun": True})

    said, answer = shell("show_schedule", "nightly"), shell("show_schedule", "nightly", "--json")

    assert answer.json["payload"] == {"apiToken": MASK, "dryRun": True}
    assert "k3y-k3y-k3y" not in said.out + answer.out


def test_open_alerts_are_told(shell: Shell) -> None:
    schedule = make_schedule("nightly")
    alerts.raise_alert(AlertKind.SCHEDULE_LATE, schedule, "nightly has not fired.", timezone.now())

    assert "ALERT since" in shell("show_schedule", "nightly").out
    assert shell("show_schedule", "nightly", "--json").json["alerts"][0]["message"] == "nightly has not fired."

    alerts.clear_alerts(AlertKind.SCHEDULE_LATE, [schedule.pk], timezone.now())
    assert "ALERT" not in shell("show_schedule", "nightly").out


@pytest.mark.parametrize("wrong", [{"timezone": "Mars/Olympus"}, {"expression": "61 * * * *"}])
def test_one_that_is_not_valid_any_more_is_shown_with_why(wrong: dict[str, str], shell: Shell) -> None:
    make_schedule("nightly", task_type="gone", scope=["no scope"])
    Schedule.objects.update(**wrong)

    said = shell("show_schedule", "nightly")

    assert said.status == 0
    assert "It cannot run:\n  '" in said.out
    assert "gone (unknown here)" in said.out
    assert shell("show_schedule", "nightly", "--json").json["problem"]


def test_an_interval_is_shown_without_clock_changes(shell: Shell) -> None:
    make_schedule("often", kind=ScheduleKind.INTERVAL, expression="", interval=timedelta(minutes=15))

    out = shell("show_schedule", "often").out

    assert "Times      Every 15 minutes\n" in out
    assert "Overlap    Let one wait (no effect on an interval)\n" in out
    assert "Clock changes" not in out


def test_an_unknown_one_is_answered_with_the_known_ones(shell: Shell) -> None:
    make_schedule("nightly")

    said = shell("show_schedule", "daily")

    assert (said.status, said.err) == (1, "CommandError: No schedule is called 'daily'. There are: nightly.\n")
