"""How a job is called where people read: by its task type's label."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from jobqueue.models import Job
from jobqueue.registry import registry


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What the site's header takes for the job itself when it makes the way to it; a job's own name has the type's
    technical name, as the audit log and log lines need it.
    """

    pk: UUID
    title: str

    _meta = Job._meta  # noqa: SLF001  where the header finds the list's address

    @classmethod
    def of(cls, job: Job) -> Self:
        """That of one job."""
        return cls(pk=job.pk, title=f"{registry.label_of(job.task_type)} {job.short_id}")

    def __str__(self) -> str:
        return self.title
