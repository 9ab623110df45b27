"""What a job's end and its deletion mean for the schedule that made it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# The numbers among a result's values, one level deep: what a run counted.
METRICS = """
CREATE FUNCTION jobqueue_metrics(p_result jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH top AS MATERIALIZED (
        SELECT key, value
        FROM jsonb_each(CASE WHEN jsonb_typeof(p_result) = 'object' THEN p_result ELSE '{}' END)
    ), numbers AS (
        SELECT top.key AS name, top.value FROM top WHERE jsonb_typeof(top.value) = 'number'
        UNION ALL
        SELECT top.key || '.' || inside.key, inside.value
        FROM top
        CROSS JOIN LATERAL jsonb_each(
            CASE WHEN jsonb_typeof(top.value) = 'object' THEN top.value ELSE '{}' END) AS inside
        WHERE jsonb_typeof(inside.value) = 'number'
        LIMIT 20
    )
    SELECT jsonb_object_agg(numbers.name, numbers.value) FROM numbers
$$
"""

# An interval schedule's next job appears when the one before has ended, by whatever door: this makes it due.
CONTINUE = """
CREATE FUNCTION jobqueue_continue_interval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Also one that is due already: a tick that has looked at it and saw the job unfinished comes first, then we.
    UPDATE jobqueue_schedule SET next_run_at = least(next_run_at, NEW.finished_at)
    WHERE id = NEW.schedule_id AND kind = 'interval' AND is_active;
    RETURN NULL;
END
$$;
CREATE TRIGGER job_ends_for_its_schedule AFTER UPDATE OF finished_at ON jobqueue_job FOR EACH ROW
WHEN (NEW.schedule_id IS NOT NULL AND NEW.occurrence IS NOT NULL
      AND NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL)
EXECUTE FUNCTION jobqueue_continue_interval()
"""
NO_CONTINUE = """
DROP TRIGGER job_ends_for_its_schedule ON jobqueue_job; DROP FUNCTION jobqueue_continue_interval()
"""

# Jobs are deleted long before the history of their schedule.
KEEP = """
CREATE FUNCTION jobqueue_keep_history() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT id FROM gone WHERE schedule_id IS NOT NULL);
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE jobqueue_occurrence AS occurrence
    SET status = CASE WHEN gone.finished_at IS NULL THEN '' ELSE gone.status END,
        started_at = gone.started_at, finished_at = gone.finished_at, metrics = jobqueue_metrics(gone.result),
        error = CASE WHEN gone.finished_at IS NULL THEN 'Its job was deleted before it had ended.'
                     ELSE gone.error_message END
    FROM gone
    WHERE occurrence.job_id = gone.id AND occurrence.job_id = ANY (ids);
    UPDATE jobqueue_schedule AS schedule SET next_run_at = least(schedule.next_run_at, statement_timestamp())
    WHERE schedule.kind = 'interval' AND schedule.is_active
      AND schedule.id = ANY (ARRAY(
          SELECT gone.schedule_id FROM gone
          WHERE gone.schedule_id IS NOT NULL AND gone.occurrence IS NOT NULL AND gone.finished_at IS NULL));
    RETURN NULL;
END
$$;
CREATE TRIGGER job_leaves_its_occurrence AFTER DELETE ON jobqueue_job
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION jobqueue_keep_history()
"""
NO_KEEP = "DROP TRIGGER job_leaves_its_occurrence ON jobqueue_job; DROP FUNCTION jobqueue_keep_history()"


class Migration(migrations.Migration):
    # An index of a live table is built beside its use.
    atomic = False

    dependencies = [("jobqueue", "0014_schedule_policies")]

    operations = [
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                models.F("schedule"),
                condition=models.Q(
                    ("finished_at__isnull", True), ("occurrence__isnull", False), ("schedule__isnull", False)
                ),
                name="job_open_of_schedule",
            ),
        ),
        migrations.RunSQL(METRICS, "DROP FUNCTION jobqueue_metrics(jsonb)"),
        migrations.RunSQL(CONTINUE, NO_CONTINUE),
        migrations.RunSQL(KEEP, NO_KEEP),
    ]
