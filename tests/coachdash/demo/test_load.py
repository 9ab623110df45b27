"""The demo's data."""

import stat
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.test import Client
from pytest_django.fixtures import Settings

from coachdash.models import CoachProfile, Competitor, Organization, Team
from gameplatform.models import Account
from gameplatform.simulator.world import World
from jobqueue.models import Schedule

from .conftest import Load

MODELS = (User, Organization, CoachProfile, Team, Competitor, Account, Schedule)


def counts() -> list[int]:
    return [model._default_manager.count() for model in MODELS]


def test_the_demo_has_the_people_of_the_simulated_world(load: Load) -> None:
    load()
    world = World(seed=1, competitors=60, coaches=2)
    assert set(Competitor.objects.values_list("pk", flat=True)) == {each.syned_user_id for each in world.competitors}
    on_platform = {each.syned_user_id for each in world.competitors if each.status}
    assert 0 < len(on_platform) < 60
    accounts = Account.objects.filter(kind="competitor")
    assert set(accounts.values_list("pk", flat=True)) == on_platform
    assert Team.objects.count() == len(world.teams)
    for username, coach in zip(("alice", "bob"), world.coaches, strict=True):
        user = User.objects.get(username=username)
        assert user.competitors.count() == 30
        assert Account.objects.get(pk=coach.syned_user_id).coach == user


def test_loading_again_adds_nothing_and_prints_the_same_passwords(load: Load) -> None:
    passwords, before = load(), counts()
    assert load() == passwords
    assert counts() == before


def test_more_students_can_be_added(load: Load) -> None:
    load("--competitors", "20")
    load("--competitors", "25")
    assert Competitor.objects.count() == 25


@pytest.mark.parametrize(
    ("username", "group", "admin"),
    [("admin", "Admin", True), ("manager", "Manager", True), ("alice", "Coach", False), ("bob", "Coach", False)],
)
def test_the_printed_password_logs_in_where_the_role_may_go(username: str, group: str, admin: bool, load: Load) -> None:
    client = Client()
    assert client.post("/login/", {"username": username, "password": load()[username]}).status_code == 302
    assert User.objects.get(username=username).groups.get().name == group
    assert client.get("/dashboard/").status_code == 200
    assert (client.get("/admin/").status_code == 200) is admin


def test_passwords_are_generated_and_kept_from_other_accounts(load: Load, tmp_path: Path) -> None:
    first = load()
    assert len(set(first.values())) == 4
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600
    (tmp_path / "demo.json").unlink()
    second = load()
    assert not set(first.values()) & set(second.values())
    assert Client().post("/login/", {"username": "alice", "password": second["alice"]}).status_code == 302


def test_the_demo_syncs_every_minute_until_somebody_changes_that(load: Load) -> None:
    import_module("coachdash.migrations.0003_seeded_schedules").seed_schedules(apps, None)
    load()
    schedule = Schedule.objects.get(task_type="game_platform_sync")
    assert (schedule.is_active, schedule.expression) == (True, "* * * * *")
    assert schedule.next_run_at is not None
    Schedule.objects.filter(task_type="game_platform_sync").update(is_active=False, expression="*/30 * * * *")
    load()
    schedule = Schedule.objects.get(task_type="game_platform_sync")
    assert (schedule.is_active, schedule.expression) == (False, "*/30 * * * *")


def test_the_demo_scores_until_somebody_changes_that(load: Load) -> None:
    load()
    assert Schedule.objects.get(task_type="data_collection_and_scoring").is_active
    Schedule.objects.filter(task_type="data_collection_and_scoring").update(is_active=False)
    load()
    assert not Schedule.objects.get(task_type="data_collection_and_scoring").is_active


def test_production_is_left_alone_unless_somebody_insists(load: Load, settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="looks like production"):
        load()
    assert not User.objects.exists()
    load("--force", "--competitors", "20")
    assert Competitor.objects.count() == 20


def test_no_students_is_refused_in_words(load: Load) -> None:
    with pytest.raises(CommandError, match="at least one competitor"):
        load("--competitors", "0")
