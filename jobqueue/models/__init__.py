"""The tables of the queue, one noun per file."""

from jobqueue.models.alert import Alert
from jobqueue.models.api_token import ApiToken
from jobqueue.models.attempt import Attempt
from jobqueue.models.audit_entry import AuditEntry
from jobqueue.models.bulk_operation import BulkChange, BulkOperation
from jobqueue.models.call_rate import CallRate
from jobqueue.models.dependency import Dependency
from jobqueue.models.effect import Effect
from jobqueue.models.failure import Failure
from jobqueue.models.job import Job
from jobqueue.models.known_task_type import KnownTaskType
from jobqueue.models.log_line import LogLine
from jobqueue.models.occurrence import Occurrence
from jobqueue.models.pause import Pause
from jobqueue.models.quick_run import QuickRun
from jobqueue.models.schedule import Schedule
from jobqueue.models.scheduler_beat import SchedulerBeat
from jobqueue.models.template_application import TemplateApplication
from jobqueue.models.throughput import Throughput
from jobqueue.models.worker import Worker
from jobqueue.models.worker_cycle import WorkerCycle

__all__ = [
    "Alert",
    "ApiToken",
    "Attempt",
    "AuditEntry",
    "BulkChange",
    "BulkOperation",
    "CallRate",
    "Dependency",
    "Effect",
    "Failure",
    "Job",
    "KnownTaskType",
    "LogLine",
    "Occurrence",
    "Pause",
    "QuickRun",
    "Schedule",
    "SchedulerBeat",
    "TemplateApplication",
    "Throughput",
    "Worker",
    "WorkerCycle",
]
