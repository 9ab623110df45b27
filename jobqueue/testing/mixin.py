"""The assertions in the shape that `unittest` and Django's test cases have."""

from typing import Any

from jobqueue.models import Job
from jobqueue.testing.assertions import assert_enqueued, assert_nothing_enqueued
from jobqueue.testing.running import RunSummary, run_due_jobs


class JobQueueAssertions:
    """Mix it into a `TestCase` or `TransactionTestCase`; each method is the function of that name."""

    def assertEnqueued(self, task_type: Any, payload: Any = ..., **options: Any) -> list[Job]:  # noqa: N802
        """See `assert_enqueued`."""
        return assert_enqueued(task_type, payload, **options)

    def assertNothingEnqueued(self, task_type: Any = None) -> None:  # noqa: N802
        """See `assert_nothing_enqueued`."""
        assert_nothing_enqueued(task_type)

    def run_due_jobs(self, **options: Any) -> RunSummary:
        """See `run_due_jobs`."""
        return run_due_jobs(**options)
