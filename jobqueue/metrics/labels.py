"""Labels with a bound: whatever is in the database, Prometheus gets no more series than there are handlers."""

from jobqueue.registry import registry

OTHER = "other"
"""Stands for all task types that no handler knows any more."""


def type_label(task_type: str) -> str:
    """The task type if it is known, else `OTHER`."""
    return task_type if task_type in registry else OTHER
