"""What Django's schema language cannot say: per-row uniqueness, set-wise cascades, vacuum for a queue."""

from django.db import migrations

# A job is unique among the states that it names itself, so one index serves every rule.
UNIQUE = """
CREATE UNIQUE INDEX job_unique_key ON jobqueue_job (unique_key)
WHERE unique_key IS NOT NULL AND status = ANY (unique_states)
"""

# Once per statement, not per row as a foreign key would: deleting 10,000 jobs costs two more deletes.
CASCADE = """
CREATE FUNCTION jobqueue_delete_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM jobqueue_attempt WHERE job_id IN (SELECT id FROM gone);
    DELETE FROM jobqueue_logline WHERE job_id IN (SELECT id FROM gone);
    RETURN NULL;
END
$$;
CREATE TRIGGER job_history_goes_with_it AFTER DELETE ON jobqueue_job
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION jobqueue_delete_history();
"""

# A NOTIFY takes a database-wide lock at commit, so a busy queue must not send one per job. A worker commits
# "sleeping" before its last look for work: either that look sees the new job, or who enqueued it sees the sleeper.
# A function, because PL/pgSQL keeps its plans: the check runs with every enqueue.
WAKE = """
CREATE FUNCTION jobqueue_wake_sleepers() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM jobqueue_worker WHERE is_sleeping AND stopped_at IS NULL AND lost_at IS NULL) THEN
        PERFORM pg_notify('jobqueue_work', '');
        RETURN true;
    END IF;
    RETURN false;
END
$$
"""

# Every job leaves two dead rows at the front of the claim's index. The default, 20 % of the table, would let
# millions pile up once the history is large.
VACUUM = """
ALTER TABLE jobqueue_job SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 0
)
"""
NO_VACUUM = """
ALTER TABLE jobqueue_job RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor,
    autovacuum_vacuum_cost_delay
)
"""


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0001_initial")]

    operations = [
        migrations.RunSQL(UNIQUE, "DROP INDEX job_unique_key"),
        migrations.RunSQL(
            CASCADE,
            "DROP TRIGGER job_history_goes_with_it ON jobqueue_job; DROP FUNCTION jobqueue_delete_history()",
        ),
        migrations.RunSQL(WAKE, "DROP FUNCTION jobqueue_wake_sleepers()"),
        migrations.RunSQL(VACUUM, NO_VACUUM),
    ]
