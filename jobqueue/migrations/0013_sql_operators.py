"""SQL functions for operators, and who may call any of them.

The statements are those of `transitions/by_people.py`, `cleanup.py` and `health.py` at the time of this migration.
"""

from django.db import migrations

# As in Python, a unique key that is enqueued between our look and our update is seen by a second look.
RETRY = """
CREATE FUNCTION job_queue_retry(p_id uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_before jobqueue_job;
    v_after jobqueue_job;
    v_found uuid;
    v_refusal text;
BEGIN
    IF p_id IS NULL THEN
        RAISE EXCEPTION 'p_id is NULL: expected the id of a job.' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT * INTO v_before FROM jobqueue_job WHERE id = p_id FOR UPDATE;
    FOR v_try IN 1..2 LOOP
        BEGIN
            WITH asked AS MATERIALIZED (
                SELECT id, status, unique_key, unique_states, blockers FROM jobqueue_job WHERE id = ANY (ARRAY[p_id]::uuid[])
                ORDER BY id FOR UPDATE
            ), judged AS (
                SELECT asked.id, CASE
                    WHEN asked.status IN ('pending', 'running') THEN asked.status
                    WHEN asked.blockers > 0 AND asked.status NOT IN ('pending', 'retrying') AND EXISTS (
                        SELECT 1 FROM jobqueue_dependency AS edge JOIN jobqueue_job AS parent ON parent.id = edge.parent_id
                        WHERE edge.job_id = asked.id AND NOT edge.is_met AND edge.on_failure = 'cancel'
                          AND parent.status IN ('failed', 'dead', 'cancelled') AND parent.id <> ALL (ARRAY[p_id]::uuid[])
                    ) THEN 'a job that it depends on did not succeed'
                    WHEN 'pending' = ANY (asked.unique_states) AND (
                        EXISTS (SELECT 1 FROM jobqueue_job AS other
                                WHERE other.unique_key = asked.unique_key AND other.id <> asked.id
                                  AND other.unique_key IS NOT NULL AND other.status = ANY (other.unique_states))
                        OR row_number() OVER (PARTITION BY asked.unique_key
                                              ORDER BY (asked.status = ANY (asked.unique_states)) DESC, asked.id DESC) > 1
                    ) THEN 'its unique key is taken'
                    END AS refusal
                FROM asked
            ), moved AS (
                UPDATE jobqueue_job AS job
                SET status = 'pending', run_at = statement_timestamp() + '0'::interval,
                    finished_at = NULL, worker_id = NULL, result = NULL, postponed = 0,
                    attempts = CASE WHEN job.status = 'retrying' THEN job.attempts ELSE 0 END,
                    checkpoint = CASE WHEN job.status = 'succeeded' THEN NULL ELSE job.checkpoint END,
                    progress_done = NULL, progress_total = NULL, progress_message = '', deadline = NULL,
                    cancel_requested_at = NULL, cancel_requested_by_id = NULL, cancel_reason = ''
                FROM judged
                WHERE job.id = judged.id AND judged.refusal IS NULL
                RETURNING job.id
            )
            SELECT judged.id, judged.refusal FROM judged
            INTO v_found, v_refusal;
            EXIT;
        EXCEPTION WHEN unique_violation THEN
            IF v_try = 2 THEN
                RAISE;
            END IF;
        END;
    END LOOP;
    IF v_found IS NULL THEN
        v_refusal := 'unknown job';
    ELSIF v_refusal IS NULL THEN
        PERFORM pg_notify('jobqueue_work', '');
        SELECT * INTO v_after FROM jobqueue_job WHERE id = p_id;
    END IF;
    PERFORM jobqueue_sql_audit(
        'JOB_RETRY', 'job', p_id::text, coalesce(jobqueue_sql_label(v_before), ''),
        CASE WHEN v_before.id IS NOT NULL THEN jobqueue_sql_state(v_before) END,
        CASE WHEN v_after.id IS NOT NULL THEN jobqueue_sql_state(v_after) END,
        coalesce(v_refusal, ''), v_refusal IS NOT NULL);
    RETURN coalesce('skipped: ' || v_refusal, 'retried');
END
$$
"""

CANCEL = """
CREATE FUNCTION job_queue_cancel(p_id uuid, p_reason text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_before jobqueue_job;
    v_after jobqueue_job;
    v_found uuid;
    v_refusal text;
    v_done text := 'cancelled';
BEGIN
    IF p_id IS NULL THEN
        RAISE EXCEPTION 'p_id is NULL: expected the id of a job.' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    p_reason := coalesce(p_reason, '');
    SELECT * INTO v_before FROM jobqueue_job WHERE id = p_id FOR UPDATE;
    WITH asked AS MATERIALIZED (
        SELECT id, status FROM jobqueue_job WHERE id = ANY (ARRAY[p_id]::uuid[]) ORDER BY id FOR UPDATE
    ), moved AS (
        UPDATE jobqueue_job AS job
        SET status = CASE WHEN job.status = 'running' THEN 'running' ELSE 'cancelled' END,
            finished_at = CASE WHEN job.status = 'running' THEN NULL ELSE statement_timestamp() END,
            blockers = job.blockers - (job.parked <> '')::integer, parked = '',
            cancel_requested_at = coalesce(job.cancel_requested_at, statement_timestamp()),
            cancel_requested_by_id = CASE WHEN job.cancel_requested_at IS NULL THEN NULL
                                          ELSE job.cancel_requested_by_id END,
            cancel_reason = CASE WHEN job.cancel_requested_at IS NULL THEN p_reason ELSE job.cancel_reason END
        FROM asked WHERE job.id = asked.id AND asked.status IN ('pending', 'retrying', 'running')
    )
    SELECT id, CASE WHEN status NOT IN ('pending', 'retrying') THEN status END FROM asked
    INTO v_found, v_refusal;
    IF v_found IS NULL THEN
        v_refusal := 'unknown job';
    ELSIF v_refusal IS NULL THEN
        PERFORM jobqueue_settle(ARRAY[p_id]);
    ELSIF v_refusal = 'running' THEN
        PERFORM pg_notify('jobqueue_control', '');
        v_refusal := NULL;
        v_done := 'asked to stop';
    END IF;
    IF v_refusal IS NULL THEN
        SELECT * INTO v_after FROM jobqueue_job WHERE id = p_id;
    END IF;
    PERFORM jobqueue_sql_audit(
        'JOB_CANCEL', 'job', p_id::text, coalesce(jobqueue_sql_label(v_before), ''),
        CASE WHEN v_before.id IS NOT NULL THEN jobqueue_sql_state(v_before) END,
        CASE WHEN v_after.id IS NOT NULL THEN jobqueue_sql_state(v_after) END,
        CASE WHEN v_refusal IS NULL THEN p_reason
             ELSE v_refusal || coalesce(' (asked for because: ' || nullif(p_reason, '') || ')', '') END,
        v_refusal IS NOT NULL);
    RETURN coalesce('skipped: ' || v_refusal, v_done);
END
$$
"""

# The bound on the id, which begins with a time, keeps the walk over the index (status, id) to old jobs. One call is
# one transaction, so it takes a bounded number.
CLEANUP = """
CREATE FUNCTION job_queue_cleanup(p_max_age interval DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_status text;
    v_age interval;
    v_bound uuid;
    v_deleted bigint;
    v_total bigint := 0;
    v_by_status jsonb := '{}';
BEGIN
    IF p_max_age < interval '0' OR p_max_age > interval '36525 days' THEN
        RAISE EXCEPTION 'p_max_age is %: expected a time from nothing to a hundred years.', p_max_age
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it out for each task type''s own retention.';
    END IF;
    FOREACH v_status IN ARRAY ARRAY['succeeded', 'failed', 'dead', 'cancelled'] LOOP
        v_age := coalesce(p_max_age, CASE WHEN v_status IN ('succeeded', 'cancelled') THEN interval '14 days'
                                          ELSE interval '30 days' END);
        v_bound := (lpad(to_hex((extract(epoch FROM now() - least(v_age, (
            SELECT make_interval(secs => min((known.retention->>v_status)::float8)) FROM jobqueue_knowntasktype AS known
            WHERE p_max_age IS NULL))) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
        DELETE FROM jobqueue_job WHERE id = ANY (ARRAY(
            SELECT job.id
            FROM jobqueue_job AS job LEFT JOIN jobqueue_knowntasktype AS known
                ON known.name = job.task_type AND p_max_age IS NULL
            WHERE job.status = v_status AND job.id < v_bound
              AND job.finished_at < now() - coalesce(
                  make_interval(secs => (known.retention->>v_status)::float8), v_age)
            ORDER BY job.id LIMIT 100000 - v_total FOR UPDATE OF job SKIP LOCKED));
        GET DIAGNOSTICS v_deleted = ROW_COUNT;
        v_total := v_total + v_deleted;
        v_by_status := v_by_status || jsonb_build_object(v_status, v_deleted);
    END LOOP;
    PERFORM jobqueue_sql_audit(
        'JOBS_CLEANUP', 'jobs', '', format('%s jobs', v_total), NULL,
        jsonb_build_object('deleted', v_by_status, 'max_age', p_max_age::text), '', false);
    RETURN v_total;
END
$$
"""

HEALTH = """
CREATE FUNCTION jobqueue_sql_check(p_name text, p_value anyelement, p_level text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object(p_name, jsonb_build_object('level', coalesce(p_level, 'healthy'), 'value', p_value));
$$;

CREATE FUNCTION jobqueue_sql_count(p_status text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM (SELECT FROM jobqueue_job WHERE status = p_status LIMIT 10000) AS counted;
$$;

CREATE FUNCTION job_queue_health() RETURNS jsonb LANGUAGE plpgsql STABLE SET enable_sort = off AS $$
DECLARE
    v_now timestamptz := statement_timestamp();
    v_pending bigint := jobqueue_sql_count('pending');
    v_failed bigint := jobqueue_sql_count('failed');
    v_dead bigint := jobqueue_sql_count('dead');
    v_ping timestamptz := (SELECT max(beat_at) FROM jobqueue_worker);
    v_workers bigint := (SELECT count(*) FROM jobqueue_worker WHERE stopped_at IS NULL AND lost_at IS NULL
                         AND beat_at > v_now - interval '20 seconds');
    v_oldest timestamptz := (
        SELECT min(due.run_at) FROM unnest('{100,50,0,-50}'::smallint[]) AS lane (priority) CROSS JOIN LATERAL (
            SELECT job.run_at FROM jobqueue_job AS job
            WHERE job.status IN ('pending', 'retrying') AND job.blockers = 0 AND job.priority = lane.priority
              AND job.run_at <= v_now ORDER BY job.run_at LIMIT 1) AS due);
    v_overdue bigint := (
        SELECT count(*) FROM (
            SELECT FROM unnest('{100,50,0,-50}'::smallint[]) AS lane (priority) CROSS JOIN LATERAL (
                SELECT FROM jobqueue_job AS job
                WHERE job.status IN ('pending', 'retrying') AND job.blockers = 0 AND job.priority = lane.priority
                  AND job.run_at <= v_now - interval '15 minutes' ORDER BY job.run_at LIMIT 10000) AS due
            LIMIT 10000) AS late);
    v_stuck bigint := (
        SELECT count(*) FROM (
            SELECT job.task_type, job.started_at, job.timeout FROM jobqueue_job AS job
            WHERE job.status = 'running' AND job.started_at <= v_now - interval '20 minutes' LIMIT 1000
        ) AS long LEFT JOIN jobqueue_knowntasktype AS known ON known.name = long.task_type
        WHERE v_now - long.started_at >= coalesce(long.timeout, known.timeout, interval '5 minutes'));
    v_late bigint := (
        SELECT count(*) FROM (
            SELECT FROM jobqueue_schedule WHERE is_active AND next_run_at <= v_now - interval '15 minutes' LIMIT 100
        ) AS late);
    v_processing text := (
        SELECT CASE WHEN count(*) = 0 THEN 'on' WHEN bool_or(scope = 'everything') THEN 'paused'
                    ELSE 'partly paused' END
        FROM jobqueue_pause WHERE ends_at IS NULL OR ends_at > v_now);
    v_checks jsonb;
BEGIN
    v_checks :=
        jobqueue_sql_check('database', 'up'::text, NULL)
        || jobqueue_sql_check('worker', v_workers, CASE WHEN v_ping IS NULL OR v_ping <= v_now - interval '60 seconds'
                                                        THEN 'critical' END)
        || jobqueue_sql_check('workerLastPing', v_ping, NULL)
        || jobqueue_sql_check('processing', v_processing, CASE WHEN v_processing <> 'on' THEN 'warning' END)
        || jobqueue_sql_check('pendingJobs', v_pending, CASE WHEN v_pending > 100 THEN 'warning' END)
        || jobqueue_sql_check('runningJobs', jobqueue_sql_count('running'), NULL)
        || jobqueue_sql_check('failedJobs', v_failed, CASE WHEN v_failed > 10 THEN 'warning' END)
        || jobqueue_sql_check('deadJobs', v_dead, CASE WHEN v_dead > 10 THEN 'warning' END)
        || jobqueue_sql_check('oldestPendingJob', round(extract(epoch FROM v_now - v_oldest)),
                              CASE WHEN v_oldest < v_now - interval '30 minutes' THEN 'warning' END)
        || jobqueue_sql_check('overdueJobs', v_overdue, CASE WHEN v_overdue > 0 THEN 'warning' END)
        || jobqueue_sql_check('stuckJobs', v_stuck, CASE WHEN v_stuck > 0 THEN 'warning' END)
        || jobqueue_sql_check('scheduler', v_late, CASE WHEN v_late > 0 THEN 'warning' END);
    RETURN jsonb_build_object('checks', v_checks, 'status', CASE
        WHEN jsonb_path_exists(v_checks, '$.*.level ? (@ == "critical")') THEN 'critical'
        WHEN jsonb_path_exists(v_checks, '$.*.level ? (@ == "warning")') THEN 'warning' ELSE 'healthy' END);
END
$$
"""
NO_HEALTH = """
DROP FUNCTION job_queue_health();
DROP FUNCTION jobqueue_sql_count(text);
DROP FUNCTION jobqueue_sql_check(text, anyelement, text)
"""

# Callers need no right to any table: the functions act as their owner, and no schema of the caller's gets in between.
# A role belongs to all databases of the server, and another one may be making it at this moment; where roles may not
# be created the owner alone calls the functions. It stays when the functions go: others may use it.
PRIVILEGES = """
DO $$
DECLARE
    v_schema regnamespace := (SELECT relnamespace FROM pg_class WHERE oid = 'jobqueue_job'::regclass);
    v_function regprocedure;
    v_has_role boolean := true;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'job_queue_operator') THEN
        BEGIN
            CREATE ROLE job_queue_operator NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL;
            WHEN insufficient_privilege THEN
                v_has_role := false;
                RAISE NOTICE 'The role job_queue_operator may not be created here: only % may call the SQL functions.',
                    current_user;
        END;
    END IF;
    FOR v_function IN
        SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace = v_schema AND (proname LIKE 'job\\_queue\\_%' OR proname LIKE 'jobqueue\\_sql\\_%')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', v_function);
        CONTINUE WHEN v_function::text ~ 'jobqueue_sql_';
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %s, pg_temp', v_function, v_schema);
        IF v_has_role THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO job_queue_operator', v_function);
        END IF;
    END LOOP;
    IF v_has_role THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO job_queue_operator', v_schema);
    END IF;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0012_sql_finish")]

    operations = [
        migrations.RunSQL(RETRY, "DROP FUNCTION job_queue_retry(uuid)"),
        migrations.RunSQL(CANCEL, "DROP FUNCTION job_queue_cancel(uuid, text)"),
        migrations.RunSQL(CLEANUP, "DROP FUNCTION job_queue_cleanup(interval)"),
        migrations.RunSQL(HEALTH, NO_HEALTH),
        migrations.RunSQL(PRIVILEGES, migrations.RunSQL.noop),
    ]
