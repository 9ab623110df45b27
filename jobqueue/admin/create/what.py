"""What a job is to do, from the panel of a form: its payload with the scope in it, checked as enqueuing will."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from jobqueue.admin.schedules.job_panel import JobPanel, StoredJob
from jobqueue.exceptions import InvalidPayloadError
from jobqueue.models import Job
from jobqueue.registry import registry
from jobqueue.scopes import json_names, problem_of, scopes, with_scope


def stored_job(job: Job) -> StoredJob:
    """The job's payload, with what a scope could have set in it as its scope."""
    payload = job.payload
    if job.task_type not in registry or not isinstance(payload, Mapping):
        return StoredJob(task_type=job.task_type, payload=payload)
    names = json_names(registry.get(job.task_type))
    of_scopes = {scope.name: names[scope.field] for scope in scopes() if scope.field in names}
    scope = {name: payload[key] for name, key in of_scopes.items() if type(payload.get(key)) is int}
    taken = {of_scopes[name] for name in scope}
    rest = {key: value for key, value in payload.items() if key not in taken and not _is_nobody(key, value, of_scopes)}
    return StoredJob(task_type=job.task_type, payload=rest, scope=scope)


def of_type(data: QueryDict, task_type: str) -> QueryDict:
    """What was posted, as if that task type had been chosen in it."""
    chosen = data.copy()
    chosen["task_type"] = task_type
    return chosen


def payload_of(panel: JobPanel) -> Any:
    """What the panel says; what is wrong is shown in it, too.

    Raises:
        ValidationError: with all that is wrong.
    """
    problems = [*panel.payload_errors(), *panel.scope_errors()]
    if problems:
        raise ValidationError(problems)
    try:
        payload, scope = panel.payload(), panel.scope()
    except ValidationError as error:
        panel.take(" ".join(error.messages))
        raise
    if panel.task_type is None:
        return payload
    if problem := problem_of(scope, panel.task_type, payload):
        panel.scope_problems.append(problem)
        raise ValidationError(problem)
    payload = with_scope(payload, scope, panel.task_type)
    try:
        panel.task_type.encode(payload)
    except InvalidPayloadError as error:
        panel.take(str(error))
        raise ValidationError(str(error)) from None
    return payload


def _is_nobody(key: str, value: Any, of_scopes: Mapping[str, str]) -> bool:
    """Whether it says of a scope that there is none."""
    return value is None and key in of_scopes.values()
