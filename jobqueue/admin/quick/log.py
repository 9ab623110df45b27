"""The execution log: how what quick actions started fares, read from the rows of its jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from jobqueue.admin.summaries import summary_of
from jobqueue.ids import first_id_at
from jobqueue.models import Job, QuickRun
from jobqueue.states import WAITING, Status
from jobqueue.summaries import Summary
from jobqueue.waiting import Waiting, why_waiting

MOST_RUNS = 5
"""So many are listed; the newest, and those that are under way, in full."""
_RECENT = timedelta(days=1)
_MEND = (Status.FAILED, Status.DEAD, Status.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the log: a job of the run."""

    number: int
    label: str
    job_id: UUID
    job: Job | None
    """None: it was deleted since."""
    joined: bool
    """Whether it was there already, and the run only follows it."""
    waits_for_step: int | None
    """The unfinished step before it that holds it back."""
    waiting: Waiting | None
    """Otherwise, why it has not begun."""
    summary: Summary | None

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.job is not None and not self.job.is_finished

    @property
    def can_be_retried(self) -> bool:
        """Whether it ended without success."""
        return self.job is not None and self.job.status in _MEND


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One run with its steps."""

    run: QuickRun
    steps: Sequence[Step]
    is_open: bool
    """Whether its steps are shown."""

    @property
    def is_live(self) -> bool:
        """Whether one of its jobs has not ended."""
        return any(step.is_live for step in self.steps)

    @property
    def status(self) -> str:
        """That of its first job that did not succeed (yet), else of the last; "" if those are gone."""
        known = [step.job.status for step in self.steps if step.job is not None]
        return next((status for status in known if status != Status.SUCCEEDED), known[-1] if known else "")


def recent_entries() -> list[Entry]:
    """The latest runs of the last day, the newest first."""
    since = first_id_at(timezone.now() - _RECENT)
    runs = QuickRun.objects.filter(pk__gte=since).select_related("created_by").order_by("-pk")[:MOST_RUNS]
    return _entries(list(runs))


def entry_of(run: QuickRun) -> Entry:
    """That run alone."""
    return _entries([run])[0]


def _entries(runs: Sequence[QuickRun]) -> list[Entry]:
    ids = {UUID(step["job"]) for run in runs for step in run.steps}
    jobs = Job.objects.defer("payload", "checkpoint").in_bulk(ids)
    return [_entry(run, jobs, is_newest=run is runs[0]) for run in runs]


def _entry(run: QuickRun, jobs: Mapping[UUID, Job], *, is_newest: bool) -> Entry:
    own = [jobs.get(UUID(step["job"])) for step in run.steps]
    is_open = is_newest or any(job is not None and not job.is_finished for job in own)
    steps = [_step(run, at, own, in_full=is_open) for at in range(len(own))]
    return Entry(run=run, steps=steps, is_open=is_open)


def _step(run: QuickRun, at: int, jobs: Sequence[Job | None], *, in_full: bool) -> Step:
    stored, job = run.steps[at], jobs[at]
    before = jobs[at - 1] if at else None
    is_waiting = job is not None and job.status in WAITING
    is_held = is_waiting and before is not None and before.status != Status.SUCCEEDED and not stored["joined"]
    return Step(
        number=at + 1,
        label=stored["label"],
        job_id=UUID(stored["job"]),
        job=job,
        joined=stored["joined"],
        waits_for_step=at if is_held else None,
        waiting=why_waiting(job) if job is not None and is_waiting and not is_held else None,
        summary=summary_of(job) if job is not None and in_full else None,
    )
