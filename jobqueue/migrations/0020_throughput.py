"""Executions are counted by the statement that finishes jobs, in Python and in SQL."""

from importlib import import_module

import django.contrib.postgres.fields
from django.db import migrations, models

_before = import_module("jobqueue.migrations.0012_sql_finish")

# As in `transitions/by_workers.py` at the time of this migration. SQL's workers are sessions, which may stay in a
# transaction for long: each has a slot of its own, above those of the others.
_COUNTED = """
    ), counted AS (
        INSERT INTO jobqueue_throughput AS known (start, task_type, outcome, status, slot, count, seconds, longest,
            waited, wait_seconds, longest_wait, durations)
        SELECT to_timestamp(60 * run.minute), run.task_type, run.outcome, run.status,
            65536 + (pg_backend_pid() & 65535), count(*),
               sum(run.took), max(run.took), count(run.wait), coalesce(sum(run.wait), 0), coalesce(max(run.wait), 0),
               ARRAY[count(*) FILTER (WHERE run.took <= 0.005),
                     count(*) FILTER (WHERE run.took > 0.005 AND run.took <= 0.025),
                     count(*) FILTER (WHERE run.took > 0.025 AND run.took <= 0.1),
                     count(*) FILTER (WHERE run.took > 0.1 AND run.took <= 0.5),
                     count(*) FILTER (WHERE run.took > 0.5 AND run.took <= 1.0),
                     count(*) FILTER (WHERE run.took > 1.0 AND run.took <= 5.0),
                     count(*) FILTER (WHERE run.took > 5.0 AND run.took <= 10.0),
                     count(*) FILTER (WHERE run.took > 10.0 AND run.took <= 30.0),
                     count(*) FILTER (WHERE run.took > 30.0 AND run.took <= 60.0),
                     count(*) FILTER (WHERE run.took > 60.0 AND run.took <= 300.0),
                     count(*) FILTER (WHERE run.took > 300.0)]
        FROM (
            SELECT floor(report.finished / 60) AS minute, moved.task_type, report.outcome, moved.status,
                   greatest(report.finished - report.started, 0) AS took,
                   CASE WHEN report.delay IS NULL
                        THEN greatest(report.started - date_part('epoch', moved.run_at), 0) END AS wait
            FROM report JOIN moved USING (id)
            WHERE report.outcome <> 'returned'
        ) AS run
        GROUP BY run.minute, run.task_type, run.outcome, run.status
        ORDER BY run.minute, run.task_type, run.outcome, run.status
        ON CONFLICT (start, task_type, outcome, status, slot) DO UPDATE
        SET count = known.count + excluded.count, seconds = known.seconds + excluded.seconds,
            waited = known.waited + excluded.waited, wait_seconds = known.wait_seconds + excluded.wait_seconds,
            longest = greatest(known.longest, excluded.longest),
            longest_wait = greatest(known.longest_wait, excluded.longest_wait),
            durations = ARRAY[known.durations[1] + excluded.durations[1], known.durations[2] + excluded.durations[2],
                known.durations[3] + excluded.durations[3], known.durations[4] + excluded.durations[4],
                known.durations[5] + excluded.durations[5], known.durations[6] + excluded.durations[6],
                known.durations[7] + excluded.durations[7], known.durations[8] + excluded.durations[8],
                known.durations[9] + excluded.durations[9], known.durations[10] + excluded.durations[10],
                known.durations[11] + excluded.durations[11]]
    )
    SELECT count(*), count(moved"""
FINISH = (
    _before.FINISH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace(
        "RETURNING job.id, job.task_type, job.concurrency_key",
        "RETURNING job.id, job.task_type, job.concurrency_key, job.status, job.run_at",
    )
    .replace("\n    )\n    SELECT count(*), count(moved", _COUNTED)
)
FINISH_BEFORE = _before.FINISH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [
        ("jobqueue", "0019_quick_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Throughput",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "start",
                        "task_type",
                        "outcome",
                        "status",
                        "slot",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("start", models.DateTimeField(help_text="Of the minute, or of the ten minutes; 1970 for all time.")),
                ("task_type", models.CharField(max_length=100)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("succeeded", "Succeeded"),
                            ("error", "Error"),
                            ("timed_out", "Timed out"),
                            ("killed", "Killed"),
                            ("cancelled", "Cancelled"),
                            ("postponed", "Postponed"),
                            ("lost", "Worker lost"),
                            ("returned", "Handed back"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("running", "Running"),
                            ("retrying", "Retrying"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("dead", "Dead"),
                            ("cancelled", "Cancelled"),
                        ],
                        help_text="The job's own thereafter.",
                        max_length=9,
                    ),
                ),
                (
                    "slot",
                    models.IntegerField(
                        help_text="Every worker has its own, so that none waits; -1: folded, -2: all time."
                    ),
                ),
                ("count", models.BigIntegerField()),
                ("seconds", models.FloatField(help_text="How long they took together.")),
                ("longest", models.FloatField(help_text="How long the longest of them took, in seconds.")),
                ("waited", models.BigIntegerField(help_text="How many of them the next two fields are about.")),
                ("wait_seconds", models.FloatField(help_text="How long they were due before they began.")),
                ("longest_wait", models.FloatField()),
                (
                    "durations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="How many took up to each of the bounds, then longer.",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(models.F("start"), condition=models.Q(("slot__gte", 0)), name="throughput_unfolded")
                ],
            },
        ),
        migrations.RunSQL(FINISH, FINISH_BEFORE),
    ]
