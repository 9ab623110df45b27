"""Following one job to its end, with a progress bar where a person looks."""

import time
from collections.abc import Callable
from uuid import UUID

from tqdm import tqdm

from jobqueue.models import Job

_BETWEEN_LOOKS = 0.2


def wait_for(id_: UUID, look: Callable[[Job], object] = lambda job: None) -> Job:
    """Wait until the job has ended, and return it; `look` is called with its newest state several times a second.

    Raises:
        Job.DoesNotExist: it was deleted.
    """
    while True:
        job = Job.objects.get(pk=id_)
        look(job)
        if job.is_finished:
            return job
        time.sleep(_BETWEEN_LOOKS)


def wait_with_bar(id_: UUID) -> Job:
    """Wait until the job has ended, drawing a bar on stderr if that is a terminal; returns the job."""
    with tqdm(total=None, unit="", dynamic_ncols=True, bar_format=_FORMAT, disable=None) as bar:

        def look(job: Job) -> None:
            bar.total = job.progress_total or bar.total or 1
            bar.n = bar.total if job.is_finished and job.status == "succeeded" else job.progress_done or 0
            bar.set_description(f"{job.task_type}: {job.get_status_display().lower()}", refresh=False)
            bar.set_postfix_str(job.progress_message, refresh=False)
            bar.refresh()

        return wait_for(id_, look)


_FORMAT = "{desc} {percentage:3.0f}% |{bar:30}| {n_fmt}/{total_fmt} {postfix} [{elapsed}]"
