"""Starting quick actions: all jobs at once, each after the other, none twice."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue import cleanup
from jobqueue.exceptions import InvalidOptionError, UnknownTaskTypeError
from jobqueue.ids import first_id_at
from jobqueue.models import Job, QuickRun
from jobqueue.operations import start_quick_action
from jobqueue.quick_actions import QuickAction, QuickStep
from jobqueue.scopes import Scope
from jobqueue.states import Status
from jobqueue.testing import run_job
from tests.jobqueue.audited import ALICE, entries
from tests.jobqueue.quick import BOTH, BROKEN, FETCH

pytestmark = pytest.mark.django_db


@pytest.fixture
def dave(settings: Settings) -> User:
    """A coach, of whom a scope tells."""
    coach = Scope(
        name="coach", label="Coach", choices=lambda: User.objects.order_by("pk"), label_of=lambda one: "Dave D"
    )
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": [coach]}
    return User.objects.create(username="dave")


def start(action: QuickAction = BOTH, **more: Any) -> list[Job]:
    """The jobs of a new run, in its order."""
    return jobs_of(start_quick_action(action, ALICE, **more))


def jobs_of(run: QuickRun) -> list[Job]:
    found: Mapping[Any, Job] = {str(job.pk): job for job in Job.objects.all()}
    return [found[step["job"]] for step in run.steps]


def test_each_job_waits_for_the_one_before_it_and_knows_its_id() -> None:
    fetching, counting = start()
    assert (fetching.task_type, counting.task_type) == ("fetch", "count")
    assert (fetching.blockers, counting.blockers) == (0, 1)
    assert counting.payload["fetchJob"] == str(fetching.pk)
    run_job(fetching.pk)
    assert run_job(counting.pk).status == Status.SUCCEEDED


def test_a_scope_and_a_dry_run_are_for_every_step(dave: User) -> None:
    for job in start(scope={"coach": dave.pk}, dry_run=True):
        assert (job.payload["coachId"], job.payload["dryRun"]) == (dave.pk, True)
    run = QuickRun.objects.get()
    assert (run.scope, run.scope_label, run.is_dry_run) == ({"coach": dave.pk}, "Dave D", True)


def test_what_is_under_way_already_is_joined() -> None:
    first, again = start(), start()
    assert [job.pk for job in first] == [job.pk for job in again]
    newest, oldest = QuickRun.objects.order_by("-pk")
    assert [step["joined"] for step in newest.steps] == [True, True]
    assert [step["joined"] for step in oldest.steps] == [False, False]


def test_a_second_step_waits_for_a_job_that_was_joined() -> None:
    (fetching,) = start(FETCH)
    joined, counting = start(BOTH)
    assert joined.pk == fetching.pk
    assert counting.blockers == 1


def test_a_step_ends_or_waits_as_it_says_if_the_one_before_it_fails() -> None:
    fetching, adding = start(BROKEN)
    assert run_job(fetching.pk).status == Status.FAILED
    adding.refresh_from_db()
    assert adding.status == Status.PENDING
    Job.objects.filter(pk=fetching.pk).delete()
    spoiled, counting = start(BOTH)
    Job.objects.filter(pk=spoiled.pk).update(payload={"source": "nowhere"})
    run_job(spoiled.pk)
    counting.refresh_from_db()
    assert counting.status == Status.CANCELLED


@pytest.mark.parametrize(
    ("action", "options", "told"),
    [
        (BROKEN, {"dry_run": True}, "Add one has no dry run"),
        (BROKEN, {"scope": {"coach": 1}}, "There is no coach 1"),
        (BOTH, {"scope": {"team": 1}}, "'team' is no scope: expected coach"),
    ],
)
@pytest.mark.usefixtures("dave")
def test_what_a_step_cannot_do_starts_nothing(action: QuickAction, options: dict[str, Any], told: str) -> None:
    User.objects.all().delete()
    with pytest.raises(InvalidOptionError, match=told):
        start_quick_action(action, ALICE, **options)
    assert not Job.objects.exists()
    assert not QuickRun.objects.exists()


def test_a_step_that_cannot_be_limited_to_somebody_starts_nothing(dave: User) -> None:
    steps = [*FETCH.steps, QuickStep(label="Adding", task_type="add_one")]
    action = QuickAction(name="mixed", label="Mixed", help="", icon="", steps=steps)
    with pytest.raises(InvalidOptionError, match="Add one cannot be limited to one coach"):
        start_quick_action(action, ALICE, scope={"coach": dave.pk})
    assert not Job.objects.exists()


def test_an_unknown_task_type_starts_nothing() -> None:
    steps = [*FETCH.steps, QuickStep(label="Gone", task_type="gone")]
    with pytest.raises(UnknownTaskTypeError):
        start_quick_action(QuickAction(name="gone", label="Gone", help="", icon="", steps=steps), ALICE)
    assert not Job.objects.exists()
    assert entries() == []


def test_the_run_and_each_job_that_it_made_are_recorded() -> None:
    (fetching,) = start(FETCH)
    _, counting = start(BOTH)
    told = [(entry.action, entry.object_id, entry.is_refused) for entry in entries()]
    second, first = QuickRun.objects.order_by("-pk")
    assert told == [
        ("JOB_CREATE", str(fetching.pk), False),
        ("QUICK_ACTION", str(first.pk), False),
        ("JOB_CREATE", str(counting.pk), False),
        ("QUICK_ACTION", str(second.pk), False),
    ]


def test_runs_are_forgotten_in_time(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "KEEP_QUICK_RUNS": timedelta(days=3)}
    young, old = (start_quick_action(FETCH, ALICE) for _ in range(2))
    QuickRun.objects.filter(pk=old.pk).update(id=first_id_at(timezone.now() - timedelta(days=4)))
    cleanup.forget_ended()
    assert list(QuickRun.objects.all()) == [young]
