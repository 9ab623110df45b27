"""Interval schedules, policies for missed and overlapping times, scopes, alerts, templates, a fuller history."""

import datetime

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

WITHOUT_INTERVALS = """
UPDATE jobqueue_schedule
SET kind = 'cron', interval = NULL, expression = '0 * * * *', is_active = false, next_run_at = NULL,
    notes = trim(E'\\n' FROM format(E'%s\\nRan every %s; switched off when its kind was removed.', notes, interval))
WHERE kind = 'interval'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("jobqueue", "0013_sql_operators"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("schedule_late", "A schedule has not fired"),
                            ("schedule_invalid", "A schedule cannot be fired"),
                        ],
                        max_length=20,
                    ),
                ),
                ("subject", models.CharField(help_text="The schedule's name.", max_length=100)),
                ("message", models.TextField()),
                ("raised_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-raised_at"],
            },
        ),
        migrations.CreateModel(
            name="SchedulerBeat",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("worker", "Worker"),
                            ("scheduler", "run_scheduler"),
                            ("crontab", "crontab"),
                            ("manual", "By hand"),
                        ],
                        max_length=9,
                    ),
                ),
                ("holder", models.CharField(help_text="Host and process.", max_length=255)),
            ],
        ),
        migrations.CreateModel(
            name="TemplateApplication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("template", models.CharField(max_length=100)),
                ("applied_at", models.DateTimeField()),
                (
                    "changes",
                    models.JSONField(
                        help_text="By schedule: its id and name, and the fields before (null: new) and after."
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-applied_at", "-pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="occurrence",
            name="occurrence_fired_once",
        ),
        migrations.AddField(
            model_name="occurrence",
            name="error",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="finished_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="metrics",
            field=models.JSONField(blank=True, help_text="The numbers of the job's result.", null=True),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="skipped",
            field=models.CharField(
                blank=True,
                choices=[
                    ("missed", "Missed: nothing ran at the time"),
                    ("overlap", "The run before was unfinished"),
                    ("joined", "A job with the same unique key was unfinished"),
                    ("invalid", "The schedule is not valid"),
                ],
                db_default="",
                default="",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="status",
            field=models.CharField(
                blank=True,
                choices=[
                    ("pending", "Pending"),
                    ("running", "Running"),
                    ("retrying", "Retrying"),
                    ("succeeded", "Succeeded"),
                    ("failed", "Failed"),
                    ("dead", "Dead"),
                    ("cancelled", "Cancelled"),
                ],
                db_default="",
                default="",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="times",
            field=models.PositiveIntegerField(
                db_default=1,
                default=1,
                help_text="How many times a skipped one stands for: itself and those before it.",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="counts_from",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now, editable=False
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="ends_at",
            field=models.DateTimeField(blank=True, help_text="No run after this time.", null=True),
        ),
        migrations.AddField(
            model_name="schedule",
            name="grace",
            field=models.DurationField(
                db_default=datetime.timedelta(seconds=300),
                default=datetime.timedelta(seconds=300),
                help_text="So late it still counts as on time; later it is missed, and an alert is raised.",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="interval",
            field=models.DurationField(blank=True, help_text="Between two runs, such as 00:15:00.", null=True),
        ),
        migrations.AddField(
            model_name="schedule",
            name="jitter",
            field=models.DurationField(
                db_default=datetime.timedelta(0),
                default=datetime.timedelta(0),
                help_text="Each run is delayed by up to this, evenly spread.",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="kind",
            field=models.CharField(
                choices=[("cron", "At times (cron)"), ("interval", "Every so often")],
                db_default="cron",
                default="cron",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="missed",
            field=models.CharField(
                choices=[
                    ("skip", "Leave them out"),
                    ("once", "Run once for all of them"),
                    ("all", "Run each, one after the other"),
                ],
                db_default="once",
                default="once",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="missed_cap",
            field=models.PositiveSmallIntegerField(
                db_default=100,
                default=100,
                help_text="At most so many missed times are made up for; older ones are left out.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1000),
                ],
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="missed_window",
            field=models.DurationField(
                db_default=datetime.timedelta(seconds=3600),
                default=datetime.timedelta(seconds=3600),
                help_text="Older missed times are left out.",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="overlap",
            field=models.CharField(
                choices=[("skip", "Leave it out"), ("queue_one", "Let one wait"), ("allow", "Run side by side")],
                db_default="queue_one",
                default="queue_one",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="scope",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text='For whom, such as {"coach": 12}; empty for all.',
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="starts_at",
            field=models.DateTimeField(blank=True, help_text="No run before this time.", null=True),
        ),
        migrations.AlterField(
            model_name="occurrence",
            name="schedule",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="occurrences",
                to="jobqueue.schedule",
            ),
        ),
        migrations.AlterField(
            model_name="occurrence",
            name="trigger",
            field=models.CharField(
                choices=[("schedule", "Schedule"), ("manual", "Manual"), ("catch_up", "Catch-up")], max_length=8
            ),
        ),
        migrations.AlterField(
            model_name="schedule",
            name="expression",
            field=models.CharField(
                blank=True, default="", help_text="minute hour day month weekday, as in crontab", max_length=255
            ),
        ),
        migrations.AddIndex(
            model_name="occurrence",
            index=models.Index(
                models.F("schedule"),
                models.OrderBy(models.F("scheduled_at"), descending=True),
                name="occurrence_by_schedule",
            ),
        ),
        migrations.AddIndex(
            model_name="occurrence",
            index=models.Index(models.F("job"), condition=models.Q(("job__isnull", False)), name="occurrence_by_job"),
        ),
        migrations.AddIndex(
            model_name="schedule",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("scope", {}), _negated=True),
                fields=["scope"],
                name="schedule_by_scope",
                opclasses=["jsonb_path_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="occurrence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("trigger", "manual"), _negated=True),
                fields=("schedule", "scheduled_at"),
                name="occurrence_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("interval__isnull", True), ("kind", "cron"), models.Q(("expression", ""), _negated=True)),
                    models.Q(
                        ("expression", ""),
                        ("interval__gte", datetime.timedelta(seconds=60)),
                        ("interval__isnull", False),
                        ("kind", "interval"),
                    ),
                    _connector="OR",
                ),
                name="schedule_has_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("missed__in", ["skip", "once", "all"])), name="schedule_missed_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("overlap__in", ["skip", "queue_one", "allow"])), name="schedule_overlap_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("grace__gte", datetime.timedelta(0)),
                    ("jitter__gte", datetime.timedelta(0)),
                    ("missed_window__gte", datetime.timedelta(0)),
                ),
                name="schedule_spans_not_negative",
            ),
        ),
        migrations.AlterConstraint(
            model_name="schedule",
            name="schedule_active_has_next",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_active", False), ("next_run_at__isnull", False), _connector="OR"),
                name="schedule_active_has_next",
                violation_error_message="An active schedule has a next time: call reschedule() first.",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="schedule",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alerts",
                to="jobqueue.schedule",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedulerbeat",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="scheduler_beat_is_one"),
        ),
        migrations.AddField(
            model_name="templateapplication",
            name="applied_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="templateapplication",
            name="undone_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(models.OrderBy(models.F("raised_at"), descending=True), name="alert_by_time"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at__isnull", True)), fields=("kind", "subject"), name="alert_open_once"
            ),
        ),
        # The version before has cron expressions only.
        migrations.RunSQL(migrations.RunSQL.noop, WITHOUT_INTERVALS),
    ]
