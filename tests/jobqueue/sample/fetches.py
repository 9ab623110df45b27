"""Handlers that can be limited to a coach and run dry, as quick actions want them."""

from typing import Any

from jobqueue.exceptions import PermanentError
from jobqueue.registry import JobContext, Payload, Summary, Table, job_handler


class Fetch(Payload, frozen=True):
    dry_run: bool = False
    coach_id: int | None = None
    organization_id: int | None = None
    source: str = "platform"


class Count(Payload, frozen=True):
    dry_run: bool = False
    coach_id: int | None = None
    fetch_job: str | None = None


def _fetched(result: Any) -> Summary:
    rows = [(name, number) for name, number in result["by_name"].items()]
    return Summary(
        headline=f"{len(rows)} fetched.",
        numbers={"fetched": len(rows)},
        tables=[Table(title="What would change", columns=("Name", "Number"), rows=rows)],
    )


@job_handler(
    "fetch", label="Fetch", unique=lambda payload: f"fetch:{payload.coach_id}:{payload.dry_run}", summary=_fetched
)
def fetch(job: JobContext, payload: Fetch) -> dict[str, Any]:
    """Fetch whatever there is."""
    if payload.source == "nowhere":
        raise PermanentError("NOT_FOUND", "There is no such source.")
    job.progress(1, 2, "half of it")
    return {"by_name": {f"<b>{number}</b>": number for number in range(12)}}


@job_handler("count", label="Count", unique=lambda payload: f"count:{payload.coach_id}:{payload.fetch_job}")
def count(job: JobContext, payload: Count) -> dict[str, Any]:
    """Count what was fetched.

    It takes its time.
    """
    return {"counted": 12, "by": {"coach": 2}, "note": "all", "done": True}
