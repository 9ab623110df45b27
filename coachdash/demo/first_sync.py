"""The first sync, followed to its end with a progress bar."""

from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from coachdash.demo.exceptions import DemoError
from jobqueue.api import Job, enqueue, wait_for
from jobqueue.states import Status


def first_sync(check: Callable[[], None]) -> None:
    """Sync every account and wait for it and for the totals that it asks for.

    Args:
        check: raises when it is no use to wait any longer.

    Raises:
        DemoError: the sync or the totals failed.
    """
    job_id = enqueue("game_platform_sync", {"forceFullSync": True, "forceFlashCtfSync": True}).id
    with tqdm(desc="  First sync    ", bar_format="{desc}{bar:30} {n_fmt} of {total_fmt} accounts") as bar:

        def look(job: Job) -> None:
            _show(bar, job)
            check()

        _insist(wait_for(job_id, look))
    for child in Job.objects.filter(parent=job_id):
        _insist(wait_for(child.pk, lambda _: check()))


def _insist(job: Job) -> None:
    if job.status != Status.SUCCEEDED:
        raise DemoError(f"{job} ended as {job.get_status_display().lower()}: {job.error_message}")


def _show(bar: "tqdm[Any]", job: Job) -> None:
    if job.progress_total:
        bar.total = job.progress_total
        bar.update((job.progress_done or 0) - bar.n)
