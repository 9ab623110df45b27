"""Waiting jobs that a pause or a concurrency limit holds back leave the way of the claim."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes of a live table are built beside its use.
    atomic = False

    dependencies = [("jobqueue", "0002_guards")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="parked",
            field=models.CharField(
                blank=True,
                choices=[("paused", "Paused"), ("limited", "At its concurrency limit")],
                db_default="",
                default="",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="postponed",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="How often in a row its handler asked to be run later."
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="blockers",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="What keeps it from being claimed: jobs that it depends on, and `parked`.",
            ),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                models.F("queue"),
                models.F("priority"),
                models.F("run_at"),
                models.F("id"),
                condition=models.Q(("blockers__lt", 1), ("status__in", ("pending", "retrying"))),
                name="job_due_in_queue",
            ),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                models.F("queue"), models.F("task_type"), condition=models.Q(("parked", "paused")), name="job_paused"
            ),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                models.F("concurrency_key"),
                models.OrderBy(models.F("priority"), descending=True),
                models.F("run_at"),
                models.F("id"),
                condition=models.Q(("parked", "limited")),
                name="job_limited",
            ),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                models.F("concurrency_key"),
                condition=models.Q(("concurrency_key__isnull", False), ("worker__isnull", False)),
                name="job_holding_place",
            ),
        ),
        AddConstraintNotValid(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parked", ""),
                    models.Q(
                        ("blockers__gte", 1),
                        ("parked__in", ["paused", "limited"]),
                        ("status__in", ("pending", "retrying")),
                    ),
                    _connector="OR",
                ),
                name="job_parked_waits",
            ),
        ),
        ValidateConstraint("job", "job_parked_waits"),
        AddConstraintNotValid(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("status", "running"), _negated=True), ("blockers", 0), _connector="OR"),
                name="job_running_unblocked",
            ),
        ),
        ValidateConstraint("job", "job_running_unblocked"),
        AddConstraintNotValid(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("concurrency_key__isnull", True), ("concurrency_limit__isnull", True)),
                    models.Q(("concurrency_key__isnull", False), ("concurrency_limit__gte", 1)),
                    _connector="OR",
                ),
                name="job_concurrency_limit_with_key",
            ),
        ),
        ValidateConstraint("job", "job_concurrency_limit_with_key"),
    ]
