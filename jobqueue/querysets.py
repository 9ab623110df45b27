"""Reading jobs. Nothing here writes."""

from typing import TYPE_CHECKING

from django.db import models

from jobqueue.states import UNFINISHED, WAITING, Status

if TYPE_CHECKING:
    from jobqueue.models.job import Job  # noqa: F401  ruff does not see it in the string below


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs by what people ask of them."""

    def waiting(self) -> "JobQuerySet":
        """Not started, or due again."""
        return self.filter(status__in=WAITING)

    def running(self) -> "JobQuerySet":
        """Claimed by a worker."""
        return self.filter(status=Status.RUNNING)

    def unfinished(self) -> "JobQuerySet":
        """Waiting or running."""
        return self.filter(status__in=UNFINISHED)

    def for_list(self) -> "JobQuerySet":
        """Only what a list shows: no result, payload or checkpoint of a megabyte."""
        return self.defer("result", "checkpoint")
