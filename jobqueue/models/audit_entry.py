"""An audit entry: one recorded action of a person. The database refuses to change or delete it."""

from django.db import models


class Channel(models.TextChoices):
    """By which door the action came."""

    ADMIN = "admin", "Admin"
    API = "api", "API"
    CLI = "cli", "Command line"
    SQL = "sql", "SQL"


class Action(models.TextChoices):
    """What was done. Programs may record other words; these are the queue's own."""

    JOB_CREATE = "JOB_CREATE", "Job created"
    JOB_RETRY = "JOB_RETRY", "Job retried"
    JOB_RUN_NOW = "JOB_RUN_NOW", "Job made due"
    JOB_CANCEL = "JOB_CANCEL", "Job cancelled"
    JOB_DELETE = "JOB_DELETE", "Job deleted"
    JOB_EDIT = "JOB_EDIT", "Job edited"
    BULK_RETRY = "BULK_RETRY", "Many jobs retried"
    BULK_CANCEL = "BULK_CANCEL", "Many jobs cancelled"
    BULK_DELETE = "BULK_DELETE", "Many jobs deleted"
    BULK_STOP = "BULK_STOP", "Bulk operation stopped"
    BULK_UNDO = "BULK_UNDO", "Bulk operation undone"
    PROCESSING_PAUSE = "PROCESSING_PAUSE", "Processing paused"
    PROCESSING_RESUME = "PROCESSING_RESUME", "Processing resumed"
    SCHEDULE_CREATE = "SCHEDULE_CREATE", "Schedule created"
    SCHEDULE_EDIT = "SCHEDULE_EDIT", "Schedule edited"
    SCHEDULE_DELETE = "SCHEDULE_DELETE", "Schedule deleted"
    SCHEDULE_RUN = "SCHEDULE_RUN", "Schedule run by hand"
    TEMPLATE_APPLY = "TEMPLATE_APPLY", "Schedule template applied"
    TEMPLATE_UNDO = "TEMPLATE_UNDO", "Schedule template undone"
    QUICK_ACTION = "QUICK_ACTION", "Quick action started"
    EFFECT_FORGET = "EFFECT_FORGET", "Effect forgotten"
    WORKER_RUN = "WORKER_RUN", "Worker cycle run"
    JOBS_CLEANUP = "JOBS_CLEANUP", "Old jobs deleted"
    WORKERS_RESCUE = "WORKERS_RESCUE", "Lost jobs rescued"
    AUDIT_VERIFY = "AUDIT_VERIFY", "Log verified"
    AUDIT_EXPORT = "AUDIT_EXPORT", "Log exported"
    TOKEN_CREATE = "TOKEN_CREATE", "API token created"
    TOKEN_REVOKE = "TOKEN_REVOKE", "API token revoked"
    API_REFUSE = "API_REFUSE", "API call refused"


class AuditEntry(models.Model):
    """One action. A trigger numbers it and chains it to the entry before; see `audit/`."""

    number = models.BigIntegerField(primary_key=True, editable=False, help_text="Without gaps, by the trigger.")
    at = models.DateTimeField()
    # No foreign key: entries outlive users, and setting it to NULL would be a change.
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=255, help_text="The user's name, or the system account of a command.")
    channel = models.CharField(max_length=5, choices=Channel)
    address = models.CharField(max_length=64, blank=True, default="", help_text="Where the request came from.")
    action = models.CharField(max_length=64, help_text="Such as JOB_RETRY.")
    object_type = models.CharField(max_length=32)
    object_id = models.CharField(max_length=100, blank=True, default="")
    object_label = models.CharField(max_length=255, blank=True, default="")
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    is_refused = models.BooleanField(default=False)
    previous_hash = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index("action", models.F("number").desc(), name="audit_by_action"),
            models.Index("actor_id", models.F("number").desc(), name="audit_by_actor"),
            models.Index("object_type", "object_id", models.F("number").desc(), name="audit_by_object"),
            models.Index("at", name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.object_label}".strip()
