"""What was enqueued: looked up, and asserted with a message that shows what was there instead."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack
from uuid import UUID

from jobqueue.models import Job
from jobqueue.registry import registry
from jobqueue.states import Status
from jobqueue.testing.handlers import name_of

_MOST_SHOWN = 20


class JobFields(TypedDict, total=False):
    """What may be asserted of an enqueued job besides its type and payload; a field that is left out may be any."""

    queue: str
    priority: int
    run_at: datetime
    deadline: datetime | None
    timeout: timedelta | None
    max_attempts: int
    unique_key: str | None
    concurrency_key: str | None
    concurrency_limit: int | None
    created_by_id: int | None
    parent_id: UUID | None
    tags: Sequence[str]
    status: Status


def enqueued_jobs(task_type: str | Callable[..., Any] | None = None) -> list[Job]:
    """All jobs there are, whatever became of them, in the order in which they were enqueued.

    Args:
        task_type: only these: the name of a task type, its handler, or a `@task` function.
    """
    jobs = Job.objects.order_by("created_at", "id")
    return list(jobs if task_type is None else jobs.filter(task_type=name_of(task_type)))


def assert_enqueued(
    task_type: str | Callable[..., Any], payload: Any = ..., *, count: int = 1, **fields: Unpack[JobFields]
) -> list[Job]:
    """Assert that so many jobs were enqueued that are like this, and return them.

    A job counts whatever became of it since, unless `status` is given; one that was deleted does not.

    Args:
        task_type: the name of a task type, its handler, or a `@task` function.
        payload: an instance of the payload type, or a mapping with its JSON (camelCase) names, where fields that are
            left out have their default; if it is not given, it may be any.
        count: exactly so many.
        fields: of the job, compared as they are stored.

    Raises:
        AssertionError: there are more or fewer; the message lists what was enqueued.
        InvalidPayloadError: no such payload could have been enqueued.
    """
    name = name_of(task_type)
    expected: dict[str, Any] = dict(fields)
    if "tags" in expected:
        expected["tags"] = list(expected["tags"])
    if payload is not ...:
        expected["payload"] = json.loads(registry.get(name).encode(payload))
    everything = enqueued_jobs()
    found = [job for job in everything if job.task_type == name and _is_like(job, expected)]
    if len(found) != count:
        raise AssertionError(_message(name, expected, count, len(found), everything))
    return found


def assert_nothing_enqueued(task_type: str | Callable[..., Any] | None = None) -> None:
    """Assert that there is no job, or none of this task type.

    Raises:
        AssertionError: there are some; the message lists them.
    """
    found = enqueued_jobs(task_type)
    if found:
        what = "no job" if task_type is None else f"no job of {name_of(task_type)!r}"
        raise AssertionError(f"Expected {what} to be enqueued, found {len(found)}:\n{_listed(found, {})}")


def _is_like(job: Job, expected: dict[str, Any]) -> bool:
    return all(getattr(job, name) == value for name, value in expected.items())


def _message(name: str, expected: dict[str, Any], count: int, found: int, everything: list[Job]) -> str:
    wanted = "".join(f", {field} {_said(value)}" for field, value in expected.items())
    jobs = "1 job" if count == 1 else f"{count} jobs"
    if not everything:
        return f"Expected {jobs} of {name!r}{wanted}; nothing was enqueued."
    # What comes closest first.
    nearest = sorted(everything, key=lambda job: job.task_type != name)
    return f"Expected {jobs} of {name!r}{wanted}; found {found}. Enqueued:\n{_listed(nearest, expected)}"


def _listed(jobs: list[Job], expected: dict[str, Any]) -> str:
    lines = [_line(job, expected) for job in jobs[:_MOST_SHOWN]]
    if len(jobs) > _MOST_SHOWN:
        lines.append(f"  and {len(jobs) - _MOST_SHOWN} more")
    return "\n".join(lines)


def _line(job: Job, expected: dict[str, Any]) -> str:
    shown = {"payload": job.payload, "queue": job.queue, "status": str(job.status)}
    shown |= {name: getattr(job, name) for name in expected}
    return f"  {job.task_type}: " + ", ".join(f"{name} {_said(value)}" for name, value in shown.items())


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, default=str, ensure_ascii=False)
