"""Which jobs are not kept once they have succeeded."""

from datetime import timedelta

from jobqueue.claim import ClaimedJob
from jobqueue.exceptions import UnknownTaskTypeError
from jobqueue.registry import registry
from jobqueue.states import Status


class Keeping:
    """Asks each task type once; for the life of the worker."""

    def __init__(self) -> None:
        self._kept: dict[str, bool] = {}

    def is_kept(self, job: ClaimedJob) -> bool:
        """Whether the job's row stays when it succeeded. A schedule's jobs are its history and always stay."""
        kept = self._kept.get(job.task_type)
        if kept is None:
            kept = self._kept[job.task_type] = _is_kept(job.task_type)
        return kept or job.occurrence is not None


def _is_kept(task_type: str) -> bool:
    try:
        return registry.get(task_type).keeps(Status.SUCCEEDED) != timedelta()
    except UnknownTaskTypeError:
        return True
