"""Scopes: for whom a schedule runs. The project here has groups, and users who belong to one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue import scopes
from jobqueue.api import Schedule, Scope
from jobqueue.exceptions import InvalidOptionError
from jobqueue.models import Job
from jobqueue.registry import JobContext, Payload, job_handler, registry
from jobqueue.scheduler import run_schedule, tick
from tests.jobqueue.factories import SELDOM, make_schedule

pytestmark = pytest.mark.django_db


def _group_of(user: User) -> dict[str, int]:
    return {"group": user.groups.get().pk}


SCOPES = [
    Scope(name="group", label="Group", choices=Group.objects.all),
    Scope(name="user", label="User", choices=User.objects.all, label_of=User.get_username, within=_group_of),
]


class Audience(Payload, frozen=True):
    group_id: int | None = None
    user_id: int | None = None
    limit: int = 10


class GroupAlone(Payload, frozen=True):
    group_id: int | None = None


@pytest.fixture(autouse=True)
def _project(settings: Settings) -> Iterator[None]:
    """A project with these scopes, and two task types that can be limited by them."""
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": "tests.jobqueue.test_scopes.SCOPES"}

    @job_handler("tell")
    def tell(job: JobContext, payload: Audience) -> None: ...

    @job_handler("tell_group")
    def tell_group(job: JobContext, payload: GroupAlone) -> None: ...

    yield
    registry.remove("tell")
    registry.remove("tell_group")


@pytest.fixture
def red() -> Group:
    return Group.objects.create(name="red")


@pytest.fixture
def alice(red: Group) -> User:
    alice = User.objects.create_user("alice")
    alice.groups.add(red)
    return alice


def _problem(scope: Any, payload: Any = None, task_type: str = "tell") -> str | None:
    return scopes.problem_of(scope, registry.get(task_type), payload or {})


class TestSetting:
    def test_it_is_a_dotted_name_or_a_list(self, settings: Settings) -> None:
        assert [one.name for one in scopes.scopes()] == ["group", "user"]
        settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": SCOPES[:1]}
        assert [one.name for one in scopes.scopes()] == ["group"]

    def test_a_project_may_have_none(self, settings: Settings) -> None:
        settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": ()}

        assert scopes.scopes() == []
        assert _problem({}) is None
        assert _problem({"group": 1}) == "'group' is no scope: expected none, as JOB_QUEUE has no SCOPES."


class TestPayload:
    def test_a_scope_sets_its_field(self) -> None:
        merged = scopes.with_scope({"limit": 3}, {"group": 4, "user": 5}, registry.get("tell"))

        assert merged == {"limit": 3, "groupId": 4, "userId": 5}

    def test_nobody_in_particular_sets_nothing(self) -> None:
        assert scopes.with_scope({"limit": 3}, {}, registry.get("tell")) == {"limit": 3}

    def test_what_is_no_mapping_is_left_to_be_refused(self) -> None:
        assert scopes.with_scope([1], {"group": 4}, registry.get("tell")) == [1]

    def test_a_scope_that_is_no_mapping_is_an_error(self) -> None:
        with pytest.raises(InvalidOptionError, match="scope is 5: expected ids by name"):
            scopes.with_scope({}, 5, registry.get("tell"))  # type: ignore[arg-type]

    def test_what_a_schedule_fires_carries_it(self, red: Group, alice: User) -> None:
        schedule = make_schedule(
            expression=SELDOM, task_type="tell", scope={"group": red.pk, "user": alice.pk}, payload={"limit": 3}
        )
        Schedule.objects.update(next_run_at=timezone.now() - timedelta(seconds=1))

        assert tick() == 1
        run_schedule(schedule)

        expected = {"limit": 3, "groupId": red.pk, "userId": alice.pk}
        assert list(Job.objects.values_list("payload", flat=True)) == [expected, expected]


class TestProblems:
    def test_a_right_one_has_none(self, red: Group, alice: User) -> None:
        assert _problem({}) is None
        assert _problem({"group": red.pk}) is None
        assert _problem({"group": red.pk, "user": alice.pk}, {"limit": 3}) is None
        assert _problem({"user": alice.pk}) is None

    @pytest.mark.parametrize("scope", [None, [], "group", 3, {"group": "3"}, {"group": None}, {"group": True}])
    def test_ids_by_name_are_expected(self, scope: Any) -> None:
        assert _problem(scope) == f'{scope!r} is no scope: expected ids by name, such as {{"group": 12}}.'

    def test_an_unknown_name(self) -> None:
        assert _problem({"team": 1}) == "'team' is no scope: expected group or user."

    def test_a_task_type_without_the_field(self, alice: User) -> None:
        assert _problem({"user": alice.pk}, task_type="tell_group") == "Tell group cannot be limited to one user."

    def test_a_payload_that_sets_it_too(self, red: Group) -> None:
        assert _problem({"group": red.pk}, {"groupId": 7}) == "The payload sets groupId already: give one of the two."
        assert _problem({"group": red.pk}, {"groupId": None}) is None

    def test_one_that_there_is_not(self) -> None:
        assert _problem({"group": 4711}) == "There is no group 4711."

    def test_one_that_does_not_belong_to_the_other(self, alice: User) -> None:
        blue = Group.objects.create(name="blue")

        assert _problem({"group": blue.pk, "user": alice.pk}) == "alice does not belong to blue."

    def test_a_schedule_tells_it_at_its_field(self, red: Group) -> None:
        schedule = Schedule(name="s", expression="0 * * * *", task_type="noop", scope={"group": red.pk})

        with pytest.raises(ValidationError) as caught:
            schedule.full_clean()

        assert caught.value.message_dict["scope"] == ["Noop cannot be limited to one group."]
