"""Which jobs an operation on many is about: a filter that chooses something, and never such operations themselves."""

from dataclasses import dataclass
from typing import Self

from jobqueue.exceptions import InvalidSelectionError
from jobqueue.job_filter import JobFilter
from jobqueue.models import Job
from jobqueue.querysets import JobQuerySet

TASK_TYPE = "job_queue_bulk"
"""Runs operations in the background; filters never choose it, or an operation could act on itself."""


@dataclass(frozen=True, kw_only=True)
class Selection(JobFilter):
    """As `JobFilter`, with at least one condition.

    Raises:
        InvalidSelectionError: nothing is chosen, or a value is impossible.
    """

    def __post_init__(self) -> None:
        """Check it."""
        if not self.given():
            raise InvalidSelectionError("Nothing is chosen: give ids or at least one condition.")
        super().__post_init__()
        if TASK_TYPE in self.task_types and not self.ids:
            raise InvalidSelectionError(f"Jobs of {TASK_TYPE} do operations like this one: choose them by their ids.")

    @classmethod
    def of(cls, jobs: JobFilter) -> Self:
        """The jobs that a list shows under this filter.

        Raises:
            InvalidSelectionError: the filter chooses nothing, or jobs that do operations on many.
        """
        return cls(**{name: getattr(jobs, name) for name in jobs.given()})

    @property
    def is_by_ids(self) -> bool:
        """Whether ids are the only condition, so that an id without a job is worth a word."""
        return self.given() == ["ids"]

    def jobs(self) -> JobQuerySet:
        """The jobs that it holds now, by id."""
        return self._safe(self.given())

    def walks(self) -> list[JobQuerySet]:
        """The same jobs by status, so that the index (status, id) has each in the order of the ids."""
        jobs = self._safe([name for name in self.given() if name != "statuses"])
        return [jobs.filter(status=status) for status in self.statuses] or [jobs]

    def _safe(self, names: list[str]) -> JobQuerySet:
        jobs = self.among(Job.objects.order_by("id"), names)
        return jobs if self.ids else jobs.exclude(task_type=TASK_TYPE)
