"""The five templates: the times that were agreed, each possible, and totals after the sync where that is the point."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.core.checks import run_checks

from gameplatform.schedules import TEMPLATES
from jobqueue.api import ScheduleTemplate
from jobqueue.cron import upcoming
from jobqueue.registry import registry
from jobqueue.schedule_templates import templates

AGREED = {
    "Competition Active": ("*/15 * * * *", "5,20,35,50 * * * *"),
    "Standard Operations": ("*/30 * * * *", "0 * * * *"),
    "Coordinated Hourly": ("0 * * * *", "10 * * * *"),
    "Off-Season": ("0 */4 * * *", "15 */4 * * *"),
    "Business Hours Only": ("0 9-17 * * 1-5", "15 9-17 * * 1-5"),
}
SUNDAY = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)


def times(template: ScheduleTemplate, at: int, count: int = 50) -> list[datetime]:
    return list(islice(upcoming(template.schedules[at].expression, "UTC", SUNDAY), count))


def test_the_project_has_these_five() -> None:
    assert list(templates()) == TEMPLATES
    assert {each.name: tuple(one.expression for one in each.schedules) for each in TEMPLATES} == AGREED
    assert run_checks(tags=["jobqueue"]) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.slug)
def test_each_sets_the_times_of_the_sync_and_of_the_totals(template: ScheduleTemplate) -> None:
    assert [(one.name, one.task_type) for one in template.schedules] == [
        ("game_platform_sync_incremental", "game_platform_sync"),
        ("game_platform_totals_sweep_hourly", "game_platform_totals_sweep"),
    ]
    assert all(one.task_type in registry for one in template.schedules)
    assert template.purpose


@pytest.mark.parametrize(
    ("name", "minutes"),
    [("Competition Active", 5), ("Coordinated Hourly", 10), ("Off-Season", 15), ("Business Hours Only", 15)],
)
def test_totals_come_after_each_sync(name: str, minutes: int) -> None:
    template = next(each for each in TEMPLATES if each.name == name)
    totals = times(template, 1, 200)

    for sync in times(template, 0):
        assert min(moment for moment in totals if moment > sync) - sync == timedelta(minutes=minutes)


def test_business_hours_leave_nights_and_weekends_alone() -> None:
    template = next(each for each in TEMPLATES if each.name == "Business Hours Only")

    for moment in times(template, 0) + times(template, 1):
        assert moment.weekday() < 5
        assert 9 <= moment.hour <= 17
