"""Telling the database which task types there are: SQL cannot read the registry."""

from collections.abc import Iterator

from jobqueue.cleanup import retention
from jobqueue.conf import conf
from jobqueue.models import KnownTaskType
from jobqueue.registry import TaskType, registry
from jobqueue.states import FINISHED, Status

_SETTINGS = [
    "label", "queue", "priority", "max_attempts", "timeout", "has_unique_rule", "has_concurrency_rule",
    "is_dropped", "retention", "updated_at",
]  # fmt: skip


def sync() -> None:
    """Write what this process knows. Types that it does not know stay: another version may run beside it."""
    KnownTaskType.objects.bulk_create(
        _rows(), update_conflicts=True, unique_fields=["name"], update_fields=_SETTINGS, batch_size=1_000
    )


def forget_others() -> None:
    """Delete what this process does not know: a migration has just made its version the one that counts."""
    KnownTaskType.objects.exclude(name__in=registry.names()).delete()


def _rows() -> Iterator[KnownTaskType]:
    # In the order of names, so that two workers that start at once never wait for each other.
    return (_row(registry.get(name)) for name in registry.names())


def _row(task_type: TaskType) -> KnownTaskType:
    return KnownTaskType(
        name=task_type.name,
        label=task_type.label,
        queue=task_type.queue,
        priority=task_type.priority,
        max_attempts=task_type.retry.max_attempts,
        timeout=task_type.timeout or conf().DEFAULT_TIMEOUT,
        has_unique_rule=task_type.unique is not None,
        has_concurrency_rule=task_type.concurrency is not None,
        is_dropped=task_type.keeps(Status.SUCCEEDED) is not None and not task_type.keeps(Status.SUCCEEDED),
        retention={status.value: _seconds_kept(task_type, status) for status in FINISHED},
    )


def _seconds_kept(task_type: TaskType, status: Status) -> float:
    own = task_type.keeps(status)
    return (retention(status) if own is None else own).total_seconds()
