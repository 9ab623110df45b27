"""Errors grouped by what they look like."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes of a live table are built beside its use.
    atomic = False

    dependencies = [("jobqueue", "0005_deadlines_and_tags")]

    operations = [
        migrations.CreateModel(
            name="Failure",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "task_type", "fingerprint", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("task_type", models.CharField(max_length=100)),
                ("fingerprint", models.CharField(max_length=16)),
                ("error_code", models.CharField(max_length=64)),
                ("error_message", models.TextField(help_text="Of the latest one.")),
                ("count", models.BigIntegerField(default=0, help_text="Attempts that failed so.")),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                (
                    "last_job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.DO_NOTHING,
                        related_name="+",
                        to="jobqueue.job",
                    ),
                ),
            ],
            options={
                "ordering": ["-last_seen_at"],
            },
        ),
        migrations.AddField(
            model_name="attempt",
            name="error_class",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The dotted path of the exception's class.",
                max_length=255,
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="fingerprint",
            field=models.CharField(blank=True, db_default="", default="", help_text="See `Failure`.", max_length=16),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                models.F("fingerprint"),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("fingerprint", ""), _negated=True),
                name="job_by_fingerprint",
            ),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                models.F("finished_at"),
                condition=models.Q(("status__in", ("failed", "dead"))),
                name="job_by_failure_time",
            ),
        ),
        migrations.AddIndex(
            model_name="failure",
            index=models.Index(models.F("last_seen_at"), name="failure_by_time"),
        ),
    ]
