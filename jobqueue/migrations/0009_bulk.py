"""Verbs applied to many jobs, in batches, and undone."""

from django.conf import settings
from django.db import migrations, models

from jobqueue.ids import uuid7


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0008_audit"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="BulkOperation",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "verb",
                    models.CharField(
                        choices=[("retry", "Retry"), ("cancel", "Cancel"), ("delete", "Delete")], max_length=6
                    ),
                ),
                ("selection", models.JSONField(help_text="The jobs: ids or a filter; see `bulk/selection.py`.")),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "delay",
                    models.DurationField(blank=True, help_text="Retried jobs are due this long after.", null=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("stopped", "Stopped"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="running",
                        max_length=7,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("admin", "Admin"), ("api", "API"), ("cli", "Command line"), ("sql", "SQL")],
                        max_length=5,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("matched", models.PositiveIntegerField(help_text="How many jobs the selection held at the start.")),
                ("cursor", models.UUIDField(blank=True, help_text="Everything up to this job id is done.", null=True)),
                (
                    "until",
                    models.UUIDField(help_text="The last job id at the start: those made later are left alone."),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                (
                    "requested",
                    models.PositiveIntegerField(default=0, help_text="Running jobs that were asked to stop."),
                ),
                ("skipped", models.JSONField(default=dict, help_text="How many were left alone, by reason.")),
                ("undone", models.PositiveIntegerField(default=0)),
                (
                    "not_undone",
                    models.JSONField(default=dict, help_text="How many could not be restored, by reason."),
                ),
                ("stop_requested_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="The background job that does or undoes it; none if it was done at once.",
                        null=True,
                        on_delete=models.DO_NOTHING,
                        related_name="+",
                        to="jobqueue.job",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "operation_id", "job_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "claim",
                    models.BigIntegerField(help_text="While the job has this claim still, nobody has run it since."),
                ),
                (
                    "left_at",
                    models.DateTimeField(
                        help_text="The run_at or finished_at that the operation left it with.", null=True
                    ),
                ),
                ("before", models.JSONField(help_text="The columns that verbs write.")),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.DO_NOTHING,
                        related_name="+",
                        to="jobqueue.job",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.CASCADE,
                        related_name="changes",
                        to="jobqueue.bulkoperation",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bulkoperation",
            index=models.Index(
                models.F("id"), condition=models.Q(("state__in", ("running", "undoing"))), name="bulk_active"
            ),
        ),
    ]
