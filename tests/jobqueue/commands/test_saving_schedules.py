"""save_schedule: makes and changes, tells what changed, and answers what is wrong by a sentence."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue import scheduler
from jobqueue.models import AuditEntry, Job, Schedule
from jobqueue.models.audit_entry import Channel
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy, ScheduleKind
from jobqueue.scopes import Scope
from jobqueue.states import Priority
from tests.jobqueue.factories import make_schedule

from .conftest import Shell

NEW = ("nightly", "--type", "add_one")
DAILY = (*NEW, "--cron", "@daily")


def test_a_schedule_is_made_with_the_defaults_and_told(shell: Shell) -> None:
    said = shell("save_schedule", *NEW, "--cron", " 30  2 * * *", "--timezone", "Europe/Berlin")

    schedule = Schedule.objects.get()
    assert said.status == 0
    assert said.out.splitlines()[:2] == ["Created nightly:", "  Times      At 02:30 (30 2 * * *, Europe/Berlin)"]
    assert "Next runs:\n" in said.out
    assert (schedule.expression, schedule.timezone) == ("30 2 * * *", "Europe/Berlin")
    assert (schedule.missed, schedule.overlap, schedule.max_attempts) == (MissedPolicy.ONCE, OverlapPolicy.QUEUE_ONE, 3)
    assert schedule.is_active
    assert schedule.next_run_at is not None
    assert schedule.next_run_at > timezone.now()


def test_all_that_can_be_said_is_stored(shell: Shell) -> None:
    said = shell(
        "save_schedule", *NEW, "--cron", "*/5 * * * *", "--payload", '{"number": 4}', "--queue", "mail",
        "--priority", "high", "--max-attempts", "7", "--missed", "all", "--missed-window", "2h", "--missed-cap", "9",
        "--overlap", "allow", "--jitter", "30s", "--grace", "90s", "--starts-at", "2099-01-01T10:00+01:00",
        "--ends-at", "2099-02-01T10:00+01:00", "--notes", "for the night", "--off",
    )  # fmt: skip

    one = Schedule.objects.get()
    assert said.status == 0
    assert (one.payload, one.queue, one.priority, one.max_attempts) == ({"number": 4}, "mail", Priority.HIGH, 7)
    assert (one.missed, one.missed_window, one.missed_cap) == (MissedPolicy.ALL, timedelta(hours=2), 9)
    assert (one.overlap, one.jitter, one.grace) == (OverlapPolicy.ALLOW, timedelta(seconds=30), timedelta(seconds=90))
    assert one.starts_at == datetime(2099, 1, 1, 9, tzinfo=UTC)
    assert one.ends_at == datetime(2099, 2, 1, 9, tzinfo=UTC)
    assert (one.notes, one.is_active, one.next_run_at) == ("for the night", False, None)


def test_it_is_audited_as_done_by_the_account_of_the_shell(shell: Shell) -> None:
    shell("save_schedule", *DAILY)
    shell("save_schedule", "nightly", "--overlap", "skip")

    first, second = AuditEntry.objects.order_by("pk")
    assert (first.action, second.action) == ("SCHEDULE_CREATE", "SCHEDULE_EDIT")
    assert first.channel == second.channel == Channel.CLI
    assert (second.before, second.after) == ({"overlap": "queue_one"}, {"overlap": "skip"})


def test_only_what_is_given_changes_and_is_told_from_before_to_after(shell: Shell) -> None:
    schedule = make_schedule("nightly", payload={}, notes="keep", missed=MissedPolicy.SKIP)
    before = schedule.next_run_at

    said = shell("save_schedule", "nightly", "--overlap", "allow")

    schedule.refresh_from_db()
    assert said.out.splitlines()[:3] == ["Changed nightly:", "  Overlap  Let one wait -> Run side by side", ""]
    assert (schedule.overlap, schedule.missed, schedule.notes) == (OverlapPolicy.ALLOW, MissedPolicy.SKIP, "keep")
    assert schedule.next_run_at == before


def test_the_same_once_more_changes_nothing(shell: Shell) -> None:
    shell("save_schedule", *DAILY)

    said = shell("save_schedule", *DAILY)

    assert (said.status, said.out) == (0, "Nothing to change: nightly is like that already.\n")
    assert AuditEntry.objects.count() == 1


def test_a_cron_schedule_becomes_an_interval_and_back(shell: Shell) -> None:
    shell("save_schedule", *DAILY)

    said = shell("save_schedule", "nightly", "--every", "90m")
    schedule = Schedule.objects.get()
    assert "Times  At 00:00 (0 0 * * *, UTC) -> Every 90 minutes" in said.out
    assert (schedule.kind, schedule.expression) == (ScheduleKind.INTERVAL, "")

    shell("save_schedule", "nightly", "--cron", "0 5 * * *")
    schedule.refresh_from_db()
    assert (schedule.kind, schedule.expression, schedule.interval) == (ScheduleKind.CRON, "0 5 * * *", None)


def test_a_dry_run_tells_the_same_and_writes_nothing(shell: Shell) -> None:
    shell("save_schedule", *NEW, "--every", "1h")
    scheduler.tick()
    rows = list(Schedule.objects.values()), list(Job.objects.values_list("pk", "status")), AuditEntry.objects.count()

    would = shell("save_schedule", "nightly", "--cron", "0 5 * * *", "--dry-run")

    assert would.out.startswith("Would change nightly:\n")
    assert rows == (
        list(Schedule.objects.values()), list(Job.objects.values_list("pk", "status")), AuditEntry.objects.count()
    )  # fmt: skip
    does = shell("save_schedule", "nightly", "--cron", "0 5 * * *")
    assert does.out == would.out.replace("Would change", "Changed")


def test_a_dry_run_makes_no_schedule(shell: Shell) -> None:
    answer = shell("save_schedule", *DAILY, "--dry-run", "--json").json

    assert (answer["created"], answer["dryRun"], answer["schedule"]["expression"]) == (True, True, "0 0 * * *")
    assert len(answer["nextRuns"]) == 5
    assert not Schedule.objects.exists()
    assert not AuditEntry.objects.exists()


def test_scripts_get_the_changes_by_name(shell: Shell) -> None:
    shell("save_schedule", *DAILY)

    answer = shell("save_schedule", "nightly", "--grace", "10m", "--json").json

    assert answer["changes"] == {"graceSeconds": {"before": 300.0, "after": 600.0}}
    assert not answer["created"]


def test_secrets_are_masked_but_their_change_is_told(shell: Shell) -> None:
    make_schedule("nightly", task_type="tell_secrets", payload={"name": "Bob", "apiToken": "the first one"})
    change = ("save_schedule", "nightly", "--payload", '{"name": "Bob", "apiToken": "the other one"}', "--dry-run")

    said, answer = shell(*change), shell(*change, "--json")

    assert "Payload" in said.out
    assert set(answer.json["changes"]) == {"payload"}
    for text in (said.out, answer.out):
        assert "the other one" not in text
        assert "the first one" not in text


def test_a_time_without_a_zone_is_one_of_the_schedules_zone(shell: Shell) -> None:
    said = shell("save_schedule", *DAILY, "--timezone", "America/New_York", "--starts-at", "2099-07-01T08:00")

    assert Schedule.objects.get().starts_at == datetime(2099, 7, 1, 12, tzinfo=UTC)
    assert "2099-07-01 08:00 EDT" in said.out


def test_an_end_is_set_by_how_long_and_taken_away_by_none(shell: Shell) -> None:
    shell("save_schedule", *NEW, "--every", "15m", "--for", "7d")
    end = Schedule.objects.get().ends_at
    assert end is not None
    assert timedelta(days=6, hours=23) < end - timezone.now() <= timedelta(days=7)

    shell("save_schedule", "nightly", "--ends-at", "none")
    assert Schedule.objects.get().ends_at is None


def test_a_new_one_has_the_queue_and_the_priority_of_its_task_type(shell: Shell, settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "TASK_TYPES": {"noop": {"queue": "slow", "priority": Priority.LOW}}}

    shell("save_schedule", "nightly", "--type", "noop", "--cron", "@daily")

    one = Schedule.objects.get()
    assert (one.queue, one.priority) == ("slow", Priority.LOW)


def test_a_scope_is_set_replaced_and_taken_away(shell: Shell, settings: Settings) -> None:
    alice, bob = (get_user_model().objects.create_user(name) for name in ("alice", "bob"))
    scopes = [Scope(name="coach", label="Coach", choices=get_user_model().objects.all)]
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": scopes}
    new = ("nightly", "--type", "game_platform_sync", "--cron", "@daily")

    first = shell("save_schedule", *new, "--scope", f"coach={alice.pk}")
    second = shell("save_schedule", "nightly", "--scope", f"coach={bob.pk}")

    assert f"For        coach alice ({alice.pk})" in first.out
    assert f"For  coach alice ({alice.pk}) -> coach bob ({bob.pk})" in second.out
    assert Schedule.objects.get().scope == {"coach": bob.pk}
    assert f"coach bob ({bob.pk}) -> everybody" in shell("save_schedule", "nightly", "--scope", "none").out
    assert Schedule.objects.get().scope == {}


def test_one_whose_task_type_is_gone_can_be_switched_off_but_not_changed_otherwise(shell: Shell) -> None:
    make_schedule("old", task_type="gone")

    assert shell("save_schedule", "old", "--grace", "1m").status == 2
    assert shell("save_schedule", "old", "--off", "--notes", "gone since May").status == 0

    old = Schedule.objects.get()
    assert (old.is_active, old.grace) == (False, timedelta(minutes=5))
    assert shell("save_schedule", "old", "--on").status == 2


def test_a_misspelt_name_is_no_new_schedule(shell: Shell) -> None:
    make_schedule("nightly totals")

    said = shell("save_schedule", "nightly total", "--off")

    assert said.status == 2
    assert said.err == (
        "CommandError: No schedule is called 'nightly total'. Perhaps nightly totals? "
        "A new one needs --type, and --cron or --every: see --help.\n"
    )
