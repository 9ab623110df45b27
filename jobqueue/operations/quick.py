"""Quick actions, started by people: all their jobs at once, each waiting for the one before it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jobqueue import enqueuing
from jobqueue.audit import Actor, record
from jobqueue.enqueuing import Enqueued
from jobqueue.exceptions import InvalidOptionError
from jobqueue.models import QuickRun
from jobqueue.models.audit_entry import Action
from jobqueue.new_job import NewJob
from jobqueue.operations.jobs import record_creation
from jobqueue.quick_actions import DRY_RUN, QuickAction, QuickStep
from jobqueue.registry import registry
from jobqueue.scopes import json_names, problem_of, scopes, with_scope

QUICK_RUN = "quick_run"


def start_quick_action(
    action: QuickAction, actor: Actor, *, scope: Mapping[str, int] | None = None, dry_run: bool = False
) -> QuickRun:
    """Enqueue the jobs of a quick action, all or none; nothing more has to happen for each to follow the one before.

    A job that would only repeat one that is unfinished is not made: the run joins that one.

    Args:
        action: what to start.
        actor: who wants it.
        scope: for whom, such as {"coach": 12}; everybody if empty.
        dry_run: change nothing, and report what would be changed.

    Raises:
        InvalidOptionError: no such scope, or one that a step cannot be limited to, or a step that cannot run dry.
        UnknownTaskTypeError, InvalidPayloadError: the action itself is wrong. Nothing is stored in any case.
    """
    scope = scope or {}
    with transaction.atomic():
        enqueued: list[Enqueued] = []
        for step in action.steps:
            before = enqueued[-1].id if enqueued else None
            enqueued.append(enqueuing.insert(_job(step, before, scope, dry_run=dry_run, by=actor.user_id)))
        run = _store(action, enqueued, actor, scope, dry_run=dry_run)
        for step, one in zip(action.steps, enqueued, strict=True):
            if one.created:
                record_creation(step.task_type, one, actor)
        _record(run, actor)
    return run


def _job(step: QuickStep, before: UUID | None, scope: Mapping[str, int], *, dry_run: bool, by: int | None) -> NewJob:
    task_type = registry.get(step.task_type)
    if problem := problem_of(scope, task_type, step.payload):
        raise InvalidOptionError(problem)
    payload: dict[str, Any] = with_scope(step.payload, scope, task_type)
    if dry_run:
        names = json_names(task_type)
        if DRY_RUN not in names:
            raise InvalidOptionError(f"{task_type.label} has no dry run: expected it to be started in earnest.")
        payload[names[DRY_RUN]] = True
    if before is not None and step.before_in:
        payload[step.before_in] = str(before)
    return NewJob(
        task_type=step.task_type,
        payload=payload,
        depends_on=[before] if before else [],
        on_failure=step.on_failure,
        created_by=by,
    )


def _store(
    action: QuickAction, enqueued: list[Enqueued], actor: Actor, scope: Mapping[str, int], *, dry_run: bool
) -> QuickRun:
    return QuickRun.objects.create(
        action=action.name,
        label=action.label,
        scope=dict(scope),
        scope_label=_in_words(scope)[:255],
        is_dry_run=dry_run,
        steps=[
            {"label": step.label, "task_type": step.task_type, "job": str(one.id), "joined": not one.created}
            for step, one in zip(action.steps, enqueued, strict=True)
        ],
        created_at=timezone.now(),
        created_by_id=actor.user_id,
    )


def _in_words(scope: Mapping[str, int]) -> str:
    """Such as "Alice Ames"; the scope was found to exist."""
    known = {one.name: one for one in scopes()}
    return ", ".join(known[name].label_of(known[name].choices().get(pk=key)) for name, key in scope.items())


def _record(run: QuickRun, actor: Actor) -> None:
    record(
        actor,
        Action.QUICK_ACTION,
        object_type=QUICK_RUN,
        object_id=str(run.pk),
        object_label=f"{run.label}{f' for {run.scope_label}' if run.scope_label else ''}",
        after={"action": run.action, "scope": run.scope, "dry_run": run.is_dry_run, "steps": run.steps},
    )
