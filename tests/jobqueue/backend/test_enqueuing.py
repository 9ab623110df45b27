"""Enqueuing tasks: what is stored, with whose transaction, and what is refused with nothing stored."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.tasks import TaskResult, TaskResultStatus, task_backends
from django.tasks.exceptions import InvalidTask
from django.tasks.signals import task_enqueued
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from jobqueue.backend import JobQueueBackend
from jobqueue.claim import claim
from jobqueue.models import Job
from jobqueue.states import Priority, Status
from tests.jobqueue.factories import make_worker
from tests.jobqueue.sample import tasks

pytestmark = pytest.mark.django_db

MODULE = "tests.jobqueue.sample.tasks"


def in_async[T](what: Coroutine[Any, Any, T]) -> T:
    """Run it, and close the connection of the thread that it used."""

    async def run() -> T:
        try:
            return await what
        finally:
            await sync_to_async(connections.close_all)()

    return asyncio.run(run())


def only_job() -> Job:
    return Job.objects.get()


def test_a_task_becomes_a_job_with_the_functions_path_and_its_arguments() -> None:
    result = tasks.add.enqueue(1, two=2)

    job = only_job()
    assert (str(job.pk), job.task_type) == (result.id, f"{MODULE}.add")
    assert job.payload == {"args": [1], "kwargs": {"two": 2}}
    assert (job.queue, job.priority, job.status, job.max_attempts) == ("default", Priority.NORMAL, Status.PENDING, 5)


def test_the_result_tells_what_was_enqueued() -> None:
    before = timezone.now() - timedelta(milliseconds=1)
    result = tasks.add.enqueue(1, two=2)

    assert (result.status, result.task, result.backend) == (TaskResultStatus.READY, tasks.add, "default")
    assert (result.args, result.kwargs, result.errors, result.worker_ids) == ([1], {"two": 2}, [], [])
    assert (result.started_at, result.finished_at, result.last_attempted_at) == (None, None, None)
    assert before <= result.enqueued_at <= timezone.now()
    assert tasks.add.get_result(result.id) == result
    assert len(result.id) < 64


def test_queue_and_priority_are_the_tasks_own_or_those_asked_for() -> None:
    tasks.send_mail.enqueue("ann")
    tasks.send_mail.using(queue_name="default", priority=100).enqueue("bob")
    tasks.send_mail.using(priority=-3).enqueue("cid")

    assert [(job.queue, job.priority) for job in Job.objects.order_by("pk")] == [
        ("mail", Priority.HIGH),
        ("default", Priority.CRITICAL),
        ("mail", Priority.LOW),
    ]


def test_tasks_are_taken_in_the_order_of_their_priorities() -> None:
    enqueued = {number: tasks.add.using(priority=number).enqueue(1).id for number in (-7, 0, 7, 70)}

    taken = [job.id for job in claim(make_worker().pk, 10)]

    assert taken == [enqueued[number] for number in (70, 7, 0, -7)]


def test_a_task_may_wait_for_its_time() -> None:
    time = datetime(2050, 1, 1, tzinfo=UTC)
    result = tasks.add.using(run_after=time).enqueue(1)

    assert only_job().run_at == time
    assert tasks.add.get_result(result.id).task.run_after == time


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(InvalidTask, match="run_after must be an aware datetime"):
        tasks.add.using(run_after=datetime(2050, 1, 1))  # noqa: DTZ001  the point


def test_a_task_of_a_rolled_back_transaction_is_not_enqueued() -> None:
    with transaction.atomic():
        tasks.add.enqueue(1)
        assert Job.objects.count() == 1
        transaction.set_rollback(True)

    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_task_enqueued_in_async_code_is_there() -> None:
    result: TaskResult[..., Any] = in_async(tasks.add_async.aenqueue(1, two=2))

    assert str(only_job().pk) == result.id
    assert in_async(tasks.add_async.aget_result(result.id)) == result


class Text(str):
    """As Django's SafeString."""


def test_arguments_are_stored_as_plain_json() -> None:
    result = tasks.echo.enqueue((1, Text("a")), b"bytes", deep={"a": ({1: 2},)})

    stored = {"args": [[1, "a"], "bytes"], "kwargs": {"deep": {"a": [{"1": 2}]}}}
    assert only_job().payload == stored
    assert (result.args, result.kwargs) == (stored["args"], stored["kwargs"])


def _endless() -> list[Any]:
    endless: list[Any] = []
    endless.append(endless)
    return endless


@pytest.mark.parametrize(
    ("argument", "error"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), TypeError),
        (object(), TypeError),
        ({"a": {1, 2}}, TypeError),
        (b"\xff", ValueError),
        (float("nan"), ValueError),
        ([float("inf")], ValueError),
        ("a\0b", ValueError),
        ("\ud800", ValueError),
        (_endless(), ValueError),
    ],
)
@pytest.mark.parametrize("how", ["positional", "named"])
def test_arguments_that_cannot_be_stored_are_refused(argument: Any, error: type[Exception], how: str) -> None:
    with pytest.raises(error):
        tasks.echo.enqueue(*([argument] if how == "positional" else []), **({"x": argument} if how == "named" else {}))
    assert not Job.objects.exists()


def test_later_changes_of_an_argument_do_not_change_the_result() -> None:
    names = ["ann"]
    result = tasks.echo.enqueue(names)
    names.append("bob")

    assert result.args == [["ann"]]


def test_a_duplicate_gives_the_result_of_the_job_that_is_there() -> None:
    first, second, other = (tasks.write_letter.enqueue(coach=coach) for coach in (1, 1, 2))

    assert first == second
    assert other.id != first.id
    assert Job.objects.count() == 2


def test_a_rule_that_fails_on_the_call_refuses_it() -> None:
    with pytest.raises(ValueError, match="the rule for its unique key raised KeyError"):
        tasks.write_letter.enqueue()
    assert not Job.objects.exists()


def test_settings_override_the_options_of_a_task(settings: Settings) -> None:
    changes = {"max_attempts": 9, "queue": "slow", "priority": Priority.LOW}
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "TASK_TYPES": {f"{MODULE}.add": changes}}

    tasks.add.enqueue(1)

    assert (only_job().max_attempts, only_job().queue, only_job().priority) == (9, "slow", Priority.LOW)


def test_what_the_caller_asks_for_wins_over_settings(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "TASK_TYPES": {f"{MODULE}.add": {"queue": "slow"}}}

    tasks.add.using(queue_name="mail").enqueue(1)

    assert only_job().queue == "mail"


def test_a_task_may_be_sent_through_another_backend_of_the_queue() -> None:
    result = tasks.add.using(backend="any_queue", queue_name="anything").enqueue(1)

    assert (only_job().queue, result.backend) == ("anything", "any_queue")


def test_a_queue_that_the_backend_does_not_know_any_more_is_refused_when_enqueuing() -> None:
    to_mail = tasks.add.using(queue_name="mail")
    with (
        override_settings(TASKS={"default": {"BACKEND": "jobqueue.backend.JobQueueBackend"}}),
        pytest.raises(InvalidTask, match="Queue 'mail' is not valid for backend"),
    ):
        to_mail.enqueue(1)
    assert not Job.objects.exists()


@pytest.mark.parametrize("name", ["no_task", "add"])
def test_a_task_that_no_worker_would_find_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(tasks.no_task, "__qualname__", name)
    made_in_passing: Any = tasks.task()(tasks.no_task)

    with pytest.raises(InvalidTask, match="No worker could find"):
        made_in_passing.enqueue()
    assert not Job.objects.exists()


def test_a_task_declared_for_another_backend_is_refused() -> None:
    with pytest.raises(InvalidTask, match="not_ours"):
        tasks.not_ours.using(backend="default").enqueue()
    assert not Job.objects.exists()


def test_the_signal_of_enqueuing_is_sent_once_per_job() -> None:
    heard: list[Any] = []

    def hear(sender: type, task_result: Any, **_: Any) -> None:
        heard.append((sender, task_result.id))

    task_enqueued.connect(hear)
    try:
        results = [tasks.write_letter.enqueue(coach=1) for _ in range(2)]
    finally:
        task_enqueued.disconnect(hear)
    assert heard == [(JobQueueBackend, results[0].id)]


def test_enqueuing_takes_one_statement(django_assert_num_queries: Any) -> None:
    tasks.add.enqueue(1)
    make_worker()
    with transaction.atomic(), django_assert_num_queries(1):
        tasks.add.enqueue(1)


def test_a_backend_enqueues_tasks_by_its_own_method_too() -> None:
    result: TaskResult[..., Any] = task_backends["default"].enqueue(tasks.add, [1], {"two": 2})

    assert only_job().payload == {"args": [1], "kwargs": {"two": 2}}
    assert result.args == [1]
