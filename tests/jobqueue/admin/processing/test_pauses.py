"""The page of pauses: how much each holds back, when it ends, and who paused what before."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobqueue import operations
from jobqueue.admin.counts import Count
from jobqueue.admin.processing.held import held_by
from jobqueue.models import Pause
from jobqueue.models.pause import PauseScope
from jobqueue.parking import park_paused
from jobqueue.pauses import pause
from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import said
from tests.jobqueue.audited import ALICE
from tests.jobqueue.factories import make_job, make_jobs

STOP = "/admin/jobqueue/pause/stop/"
PAUSES = "/admin/jobqueue/pause/"
ANSWER = {"_form_submitted": "True", "what": "everything", "reason": "maintenance", "minutes": ""}
NOBODY = Count(number=0)


def held(row: Pause, waiting: Count = NOBODY) -> int:
    return held_by([row], waiting)[row.pk].number


@pytest.mark.parametrize("is_parked", [False, True])
@pytest.mark.parametrize(
    ("scope", "name", "number"),
    [(PauseScope.QUEUE, "mail", 3), (PauseScope.TASK_TYPE, "noop", 5), (PauseScope.QUEUE, "nobody's", 0)],
)
def test_a_pause_holds_what_is_due_whether_it_is_parked_or_not(
    db: None, scope: PauseScope, name: str, number: int, *, is_parked: bool
) -> None:
    make_jobs(2)
    make_jobs(3, queue="mail")
    make_job(Status.SUCCEEDED, queue="mail")
    make_job(task_type="other")
    make_job(queue="mail", run_at=timezone.now() + timedelta(hours=1))
    row = pause(reason="x", scope=scope, name=name)
    if is_parked:
        assert park_paused() == number

    assert held(row) == number


def test_a_pause_of_everything_holds_all_that_waits(db: None) -> None:
    assert held(pause(reason="x"), Count(number=7)) == 7


def test_the_list_takes_as_many_queries_for_many_pauses_as_for_one(
    alice: Client, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    pause(reason="x", scope=PauseScope.QUEUE, name="q0")
    with django_assert_max_num_queries(40) as few:
        alice.get(PAUSES)
    for n in range(1, 12):
        pause(reason="x", scope=PauseScope.QUEUE, name=f"q{n}")

    with django_assert_num_queries(len(few.captured_queries)):
        alice.get(PAUSES)


def test_a_pause_ends_at_the_time_that_somebody_gave(alice: Client) -> None:
    moment = (timezone.now() + timedelta(hours=5)).replace(second=0, microsecond=0)
    alice.post(STOP, {**ANSWER, "until": f"{moment:%Y-%m-%dT%H:%M}"})

    assert Pause.objects.get().ends_at == moment


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"until": "2020-01-01T00:00"}, "This is past: expected a time to come."),
        ({"until": "soon"}, "Enter a valid date/time."),
        ({"until": "2090-01-01T00:00", "minutes": "60"}, "Two ends"),
    ],
)
def test_an_end_that_cannot_be_is_told_and_nothing_is_paused(
    alice: Client, answer: dict[str, str], sentence: str
) -> None:
    response = alice.post(STOP, {**ANSWER, **answer})

    assert sentence in response.content.decode()
    assert "maintenance" in response.content.decode()
    assert not Pause.objects.exists()


def test_the_page_offers_to_pause_while_everything_is_paused_too(alice: Client, bob: Client) -> None:
    pause(reason="x")

    assert f'href="{STOP}?next=' in alice.get(PAUSES).content.decode()
    assert STOP not in bob.get(PAUSES).content.decode()


def test_history_tells_who_paused_and_resumed_and_why(alice: Client) -> None:
    operations.pause(ALICE, reason="platform is down", scope=PauseScope.QUEUE, name="mail")
    operations.resume(ALICE, scope=PauseScope.QUEUE, name="mail")
    page = alice.get(PAUSES).content.decode()
    history = page.partition('id="pause-history"')[2]

    assert "Nothing is paused" in page
    assert history.index("Processing resumed") < history.index("Processing paused")
    assert history.count("platform is down") == 2
    assert "One queue mail" in history


def test_history_is_for_who_may_see_the_log(sign_in: SignIn) -> None:
    operations.pause(ALICE, reason="a secret reason", scope=PauseScope.QUEUE, name="mail")
    operations.resume(ALICE, scope=PauseScope.QUEUE, name="mail")

    assert "a secret reason" not in sign_in("carl", "view_pause").get(PAUSES).content.decode()


def test_who_may_only_look_pauses_nothing(bob: Client) -> None:
    assert bob.post(STOP, ANSWER).status_code == 403
    assert not Pause.objects.exists()


def test_resuming_tells_what_was_resumed(alice: Client) -> None:
    row = pause(reason="x", scope=PauseScope.TASK_TYPE, name="noop")

    assert said(alice.post(f"{PAUSES}{row.pk}/resume/")) == ["Resumed: One task type noop."]
