"""What `@task` makes of a function and its options."""

import pickle
from datetime import timedelta
from typing import Any

import pytest
from django.tasks import Task, task_backends
from django.tasks.exceptions import InvalidTask

from jobqueue.backend import JobQueueBackend, JobTask
from jobqueue.django_tasks.levels import level_of
from jobqueue.django_tasks.task import task_type_of
from jobqueue.registry import Concurrency, Unique, registry
from jobqueue.states import Priority, Status
from tests.jobqueue.sample import tasks

MODULE = "tests.jobqueue.sample.tasks"


def test_the_decorator_makes_a_task_of_the_queue() -> None:
    assert isinstance(tasks.add, JobTask)
    assert isinstance(tasks.add, Task)
    assert isinstance(task_backends["default"], JobQueueBackend)
    assert tasks.add.call(1, two=2) == 3


def test_the_backend_supports_all_that_the_framework_knows() -> None:
    backend = JobQueueBackend
    flags = ("supports_defer", "supports_async_task", "supports_get_result", "supports_priority")
    assert all(getattr(backend, flag) for flag in flags)


def test_a_function_without_options_has_the_queues_defaults() -> None:
    known = registry.get(f"{MODULE}.add")

    assert (known.name, known.label, known.queue, known.priority) == (f"{MODULE}.add", "Add", "default", 0)
    assert (known.retry.max_attempts, known.timeout, known.unique, known.concurrency) == (5, None, None, None)
    assert not known.is_async
    assert registry.get(f"{MODULE}.add_async").is_async


def test_the_decorators_options_are_those_of_the_task_type() -> None:
    known = registry.get(f"{MODULE}.have_all_options")

    assert (known.retry.max_attempts, known.timeout, known.max_postponements) == (7, timedelta(minutes=1), 4)
    assert (known.unique, known.concurrency) == (Unique(by=("args",)), Concurrency(limit=2))
    assert known.retention == {Status.SUCCEEDED: timedelta(days=1)}
    assert registry.get(f"{MODULE}.fail_for_good").retry.never_retry == {tasks.NoSuchAccount}
    assert registry.get(f"{MODULE}.write_letter").label == "Weekly letter"
    assert registry.get(f"{MODULE}.send_mail").queue == "mail"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"max_attempts": 0}, "max_attempts is 0: expected 1 to 32767"),
        ({"timeout": 5}, "timeout is 5: expected a timedelta"),
        ({"retention": 3}, "retention is 3"),
        (
            {"unique": Unique(by="coach")},
            "unique names coach, which TaskCall does not have: expected some of args, kwargs",
        ),
        ({"priority": 101}, "priority must be a whole number between -100 and 100"),
        ({"queue_name": "elsewhere"}, "Queue 'elsewhere' is not valid for backend"),
    ],
)
def test_an_impossible_option_is_refused_where_it_is_written(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidTask, match=problem):
        tasks.task(**options)(tasks.no_task)


def test_an_option_that_nobody_knows_is_refused() -> None:
    with pytest.raises(TypeError, match="max_tries"):
        tasks.task(max_tries=3)(tasks.no_task)


def test_a_function_inside_another_is_refused() -> None:
    def inner() -> None:
        return None

    with pytest.raises(InvalidTask, match="module level"):
        tasks.task()(inner)


def test_a_path_longer_than_the_column_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.no_task, "__qualname__", "n" * 101)
    with pytest.raises(InvalidTask, match="expected 1 to 100 characters"):
        tasks.task()(tasks.no_task)


def test_modified_tasks_keep_the_options() -> None:
    changed = tasks.have_all_options.using(priority=60, backend="any_queue", queue_name="anything")

    assert task_type_of(changed).retry.max_attempts == 7
    assert (task_type_of(changed).priority, task_type_of(changed).queue) == (Priority.CRITICAL, "anything")
    assert tasks.have_all_options.using() == tasks.have_all_options


@pytest.mark.parametrize("task", [tasks.add, tasks.write_letter, tasks.have_all_options, tasks.fail])
def test_a_task_can_be_pickled_and_hashed_whatever_its_options(task: Any) -> None:
    changed = task.using(priority=60)

    assert pickle.loads(pickle.dumps(changed)) == changed  # noqa: S301  our own
    assert len({task, task.using()}) == 1


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (-100, Priority.LOW),
        (-1, Priority.LOW),
        (0, Priority.NORMAL),
        (1, Priority.HIGH),
        (50, Priority.HIGH),
        (51, Priority.CRITICAL),
        (100, Priority.CRITICAL),
    ],
)
def test_each_priority_has_its_level(number: int, level: Priority) -> None:
    assert level_of(number) == level


def test_the_levels_of_the_queue_are_their_own() -> None:
    assert [level_of(level) for level in Priority] == list(Priority)
