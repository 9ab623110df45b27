"""`job_queue_health()` judges schedules as Python does: late beyond their own grace, or without a scheduler."""

from importlib import import_module

from django.db import migrations

_before = import_module("jobqueue.migrations.0013_sql_operators")

_LATE = """
            SELECT FROM jobqueue_schedule WHERE is_active AND next_run_at <= v_now - interval '15 minutes' LIMIT 100
"""
_LATE_BY_GRACE = """
            SELECT FROM jobqueue_schedule
            WHERE is_active AND next_run_at <= v_now AND next_run_at < v_now - grace LIMIT 100
"""
_BEAT = "v_ping <= v_now - interval '60 seconds'"
# By a crontab, workers come and go once a minute.
_BEAT_BY_SOURCE = """v_ping <= v_now - CASE
            WHEN (SELECT source FROM jobqueue_schedulerbeat) = 'crontab' THEN interval '180 seconds'
            ELSE interval '60 seconds' END"""
_TICK = """
    v_tick timestamptz := (SELECT at FROM jobqueue_schedulerbeat);
    v_checks jsonb;
"""
_LEVEL = "jobqueue_sql_check('scheduler', v_late, CASE WHEN v_late > 0 THEN 'warning' END)"
_LEVEL_BY_TICK = """jobqueue_sql_check('schedulerLastTick', v_tick, NULL)
        || jobqueue_sql_check('scheduler', v_late, CASE
            WHEN (v_tick IS NULL OR v_tick <= v_now - interval '180 seconds')
                 AND EXISTS (SELECT FROM jobqueue_schedule WHERE is_active) THEN 'critical'
            WHEN v_late > 0 THEN 'warning' END)"""

HEALTH = (
    _before.HEALTH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace(_LATE, _LATE_BY_GRACE)
    .replace("\n    v_checks jsonb;\n", _TICK)
    .replace(_LEVEL, _LEVEL_BY_TICK)
    .replace(_BEAT, _BEAT_BY_SOURCE)
)
HEALTH_BEFORE = _before.HEALTH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0015_schedule_history")]

    operations = [
        # A function that is replaced loses its own settings, so the privileges are given anew.
        migrations.RunSQL(_before.PRIVILEGES, _before.PRIVILEGES),
        migrations.RunSQL(HEALTH, HEALTH_BEFORE),
        migrations.RunSQL(_before.PRIVILEGES, migrations.RunSQL.noop),
    ]
