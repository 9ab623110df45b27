"""A worker: one `run_worker` process from its start to its end."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jobqueue.ids import uuid7


class Worker(models.Model):
    """One supervisor with its children. Its identity is fresh at every start."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.CharField(max_length=255, help_text="What people call the machine.")
    machine = models.CharField(max_length=255, help_text="Where its process ids mean something.")
    pid = models.PositiveIntegerField()
    process_started = models.CharField(max_length=32, help_text="Tells a reused pid from the same process.")
    version = models.CharField(max_length=64, blank=True, default="")
    queues = ArrayField(models.CharField(max_length=64), default=list, help_text="Empty: all.")
    concurrency = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True, help_text="Found dead; its jobs were rescued.")
    is_sleeping = models.BooleanField(default=False, help_text="Idle: an enqueue notifies it.")
    jobs_done = models.BigIntegerField(default=0)
    memory_mib = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index("machine", name="worker_alive", condition=Q(stopped_at__isnull=True, lost_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
