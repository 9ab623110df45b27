"""The schedules that the migrations make."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from coachdash.demo.schedules import hurry_schedules
from gameplatform.schedules import TEMPLATES
from jobqueue.cron import next_after
from jobqueue.models import Schedule
from jobqueue.operations.templates import preview_template
from jobqueue.registry import registry

pytestmark = pytest.mark.django_db

ACTIVE = {
    "game_platform_sync_incremental": ("*/30 * * * *", "game_platform_sync"),
    "game_platform_totals_sweep_hourly": ("0 * * * *", "game_platform_totals_sweep"),
    "job_queue_cleanup_daily": ("15 3 * * *", "job_queue_cleanup"),
}
HOURLY = ("sms_digest_processor", "release_parent_email_verification", "calendar_sync")
DAILY = ("game_platform_profile_refresh", "roster_reconciliation")


@pytest.fixture
def seed() -> Callable[[], None]:
    """What the migration does."""
    module = import_module("coachdash.migrations.0003_seeded_schedules")
    return lambda: module.seed_schedules(apps, None)


def test_tests_begin_without_any() -> None:
    assert not Schedule.objects.exists()


def test_three_are_at_work_from_the_start(seed: Callable[[], None]) -> None:
    seed()

    for schedule in Schedule.objects.filter(is_active=True):
        assert ACTIVE[schedule.name] == (schedule.expression, schedule.task_type)
        assert schedule.next_run_at is not None
        soon = next_after(schedule.expression, "UTC", timezone.now() - timedelta(minutes=1))
        assert soon <= schedule.next_run_at <= next_after(schedule.expression, "UTC", timezone.now())
        schedule.full_clean()
    assert Schedule.objects.filter(is_active=True).count() == len(ACTIVE)


def test_six_wait_switched_off_and_say_what_they_need(seed: Callable[[], None]) -> None:
    seed()

    waiting = {schedule.name: schedule for schedule in Schedule.objects.filter(is_active=False)}
    assert set(waiting) == {*HOURLY, *DAILY, "admin_alert_dispatch"}
    assert waiting["admin_alert_dispatch"].expression == "*/5 * * * *"
    now = timezone.now()
    for names, span in ((HOURLY, timedelta(hours=1)), (DAILY, timedelta(days=1))):
        for name in names:
            first = next_after(waiting[name].expression, "UTC", now)
            assert next_after(waiting[name].expression, "UTC", first) - first == span
    for schedule in waiting.values():
        assert schedule.notes.startswith("Off until configured: needs ")
        assert schedule.next_run_at is None


def test_seeding_again_changes_nothing(seed: Callable[[], None]) -> None:
    seed()
    Schedule.objects.filter(name="calendar_sync").update(notes="mine")
    before = list(Schedule.objects.order_by("pk").values())

    seed()

    assert list(Schedule.objects.order_by("pk").values()) == before


def test_work_that_another_schedule_does_already_is_not_done_twice(seed: Callable[[], None]) -> None:
    mine = Schedule(name="my sync", expression="0 7 * * *", task_type="game_platform_sync")
    mine.reschedule()
    mine.save()

    seed()

    assert not Schedule.objects.get(name="game_platform_sync_incremental").is_active
    assert Schedule.objects.get(name="game_platform_totals_sweep_hourly").is_active


def test_the_seeds_are_standard_operations(seed: Callable[[], None]) -> None:
    seed()

    in_force = [template.name for template in TEMPLATES if preview_template(template).is_in_force]
    assert in_force == ["Standard Operations"]


def test_one_whose_task_type_does_not_exist_yet_is_shown_and_cannot_be_switched_on(
    seed: Callable[[], None], admin_client: Client
) -> None:
    seed()
    schedule = Schedule.objects.get(name="calendar_sync")
    if schedule.task_type in registry:
        schedule.task_type = "not_yet"
        schedule.save()

    for page in ("", f"{schedule.pk}/change/", f"{schedule.pk}/history/", "templates/"):
        response = admin_client.get(f"/admin/jobqueue/schedule/{page}")
        assert response.status_code == 200
    listed = admin_client.get("/admin/jobqueue/schedule/").content.decode()
    answer = admin_client.post(f"/admin/jobqueue/schedule/{schedule.pk}/switch/", {"active": "on"}, follow=True)

    assert schedule.name in listed
    told = answer.content.decode()
    assert f"{schedule.name} was not switched on: Unknown task type" in told
    assert not Schedule.objects.get(pk=schedule.pk).is_active


def test_the_demo_hurries_the_sync_once_and_leaves_what_somebody_changed(seed: Callable[[], None]) -> None:
    seed()
    others = list(Schedule.objects.exclude(task_type="game_platform_sync").values())

    hurry_schedules()

    sync = Schedule.objects.get(name="game_platform_sync_incremental")
    assert sync.expression == "* * * * *"
    assert sync.next_run_at is not None
    assert sync.next_run_at <= timezone.now() + timedelta(minutes=1)
    assert list(Schedule.objects.exclude(task_type="game_platform_sync").values()) == others
    Schedule.objects.filter(pk=sync.pk).update(expression="*/30 * * * *")
    hurry_schedules()
    assert Schedule.objects.get(pk=sync.pk).expression == "*/30 * * * *"
