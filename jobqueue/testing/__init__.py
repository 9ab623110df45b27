"""For the tests of projects that use the queue: run jobs in the test's own process, and see what was enqueued."""

from jobqueue.testing.assertions import assert_enqueued, assert_nothing_enqueued, enqueued_jobs
from jobqueue.testing.audit import JobQueueTestRunner, allow_audit_flush
from jobqueue.testing.handlers import StandaloneJob, run_handler
from jobqueue.testing.mixin import JobQueueAssertions
from jobqueue.testing.running import EndlessJobsError, RunSummary, fire_due_schedules, run_due_jobs, run_job

__all__ = [
    "EndlessJobsError",
    "JobQueueAssertions",
    "JobQueueTestRunner",
    "RunSummary",
    "StandaloneJob",
    "allow_audit_flush",
    "assert_enqueued",
    "assert_nothing_enqueued",
    "enqueued_jobs",
    "fire_due_schedules",
    "run_due_jobs",
    "run_handler",
    "run_job",
]
