"""SQL functions to finish what was claimed by SQL.

The finishing statement is that of `transitions/by_workers.py` at the time of this migration; a test says when it has
moved on.
"""

from django.db import migrations

# Only what was claimed by SQL is finished by SQL: a `run_worker` goes on with its job whatever is written here.
FINISH = """
CREATE FUNCTION jobqueue_sql_finish(p_worker uuid, p_id uuid, p_report json) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_recorded bigint;
    v_may_free boolean;
BEGIN
    WITH report AS MATERIALIZED (
        SELECT * FROM json_to_recordset(p_report) AS report (
            id uuid, claim bigint, number smallint, started float8, finished float8, outcome text, status text,
            result json, code text, message text, traceback text, exception text, fingerprint text, delay float8)
    ), moved AS (
        UPDATE jobqueue_job AS job
        SET status = CASE WHEN job.cancel_requested_at IS NOT NULL AND report.status <> 'succeeded'
                          THEN 'cancelled' ELSE report.status END,
            finished_at = CASE WHEN job.cancel_requested_at IS NULL AND report.status IN ('pending', 'retrying')
                               THEN NULL ELSE to_timestamp(report.finished) END,
            worker_id = NULL, result = report.result, started_at = to_timestamp(report.started),
            attempts = report.number - (report.outcome IN ('postponed', 'returned'))::int,
            postponed = CASE report.outcome WHEN 'postponed' THEN least(job.postponed + 1, 32767)
                                            WHEN 'returned' THEN job.postponed ELSE 0 END,
            error_code = coalesce(report.code, ''), error_message = coalesce(report.message, ''),
            fingerprint = coalesce(report.fingerprint, ''),
            run_at = CASE WHEN report.delay IS NULL THEN job.run_at
                          ELSE statement_timestamp() + make_interval(secs => least(report.delay, 3155760000)) END
        FROM report
        WHERE job.id = report.id AND job.id = ANY (ARRAY(SELECT unnest(ARRAY[p_id]::uuid[])))
          AND job.claim = report.claim AND job.worker_id IS NOT NULL
        RETURNING job.id, job.task_type, job.concurrency_key
    ), recorded AS (
        INSERT INTO jobqueue_attempt (job_id, claim, number, worker_id, started_at, finished_at, outcome, error_code,
                                      error_class, error_message, traceback)
        SELECT report.id, report.claim, report.number, p_worker, to_timestamp(report.started),
               to_timestamp(report.finished), report.outcome, coalesce(report.code, ''), coalesce(report.exception, ''),
               coalesce(report.message, ''), coalesce(report.traceback, '')
        FROM report JOIN moved USING (id)
    ), grouped AS (
        INSERT INTO jobqueue_failure AS known (task_type, fingerprint, error_code, error_message, count,
                                               first_seen_at, last_seen_at, last_job_id)
        SELECT moved.task_type, report.fingerprint, (array_agg(coalesce(report.code, '')))[1],
               (array_agg(coalesce(report.message, '')))[1], count(*),
               to_timestamp(min(report.finished)), to_timestamp(max(report.finished)), (array_agg(report.id))[1]
        FROM report JOIN moved USING (id)
        WHERE report.fingerprint IS NOT NULL
        GROUP BY moved.task_type, report.fingerprint
        ORDER BY moved.task_type, report.fingerprint
        ON CONFLICT (task_type, fingerprint) DO UPDATE
        SET count = known.count + excluded.count, error_code = excluded.error_code,
            error_message = excluded.error_message, last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at),
            last_job_id = excluded.last_job_id
    )
    SELECT count(*), count(moved.concurrency_key) > 0 OR jobqueue_somebody_waits() FROM moved
    INTO v_recorded, v_may_free;
    IF v_recorded > 0 AND v_may_free THEN
        PERFORM jobqueue_settle(ARRAY[p_id]);
    END IF;
    RETURN v_recorded > 0;
END
$$;

CREATE FUNCTION jobqueue_sql_held(p_id uuid, p_claim bigint) RETURNS jobqueue_job LANGUAGE plpgsql AS $$
DECLARE
    v_job jobqueue_job;
    v_host text;
BEGIN
    IF p_id IS NULL OR p_claim IS NULL THEN
        RAISE EXCEPTION '% is NULL: expected what job_queue_claim returned.',
            CASE WHEN p_id IS NULL THEN 'p_id' ELSE 'p_claim' END USING ERRCODE = 'null_value_not_allowed',
            HINT = 'It returns the columns id and claim.';
    END IF;
    SELECT worker.host INTO v_host FROM jobqueue_job AS job JOIN jobqueue_worker AS worker ON worker.id = job.worker_id
    WHERE job.id = p_id AND worker.machine = 'sql';
    IF v_host IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM jobqueue_sql_beat(v_host);
    SELECT job.* INTO v_job FROM jobqueue_job AS job JOIN jobqueue_worker AS worker ON worker.id = job.worker_id
    WHERE job.id = p_id AND job.claim = p_claim AND job.status = 'running' AND worker.machine = 'sql'
    FOR UPDATE OF job;
    RETURN v_job;
END
$$
"""
NO_FINISH = """
DROP FUNCTION jobqueue_sql_held(uuid, bigint);
DROP FUNCTION jobqueue_sql_finish(uuid, uuid, json)
"""

MARK_SUCCEEDED = """
CREATE FUNCTION job_queue_mark_succeeded(p_id uuid, p_claim bigint, p_output jsonb DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_job jobqueue_job := jobqueue_sql_held(p_id, p_claim);
BEGIN
    PERFORM jobqueue_sql_check_json('p_output', p_output);
    IF octet_length(p_output::text) > 1048576 THEN
        RAISE EXCEPTION 'p_output has % bytes: expected at most 1048576.', octet_length(p_output::text)
            USING ERRCODE = 'program_limit_exceeded', HINT = 'Store it elsewhere, and where as the output.';
    ELSIF v_job.id IS NULL OR NOT jobqueue_sql_finish(v_job.worker_id, p_id, json_build_array(json_build_object(
        'id', p_id, 'claim', p_claim, 'number', v_job.attempts, 'started', extract(epoch FROM v_job.started_at),
        'finished', extract(epoch FROM clock_timestamp()), 'outcome', 'succeeded', 'status', 'succeeded',
        'result', p_output::json))) THEN
        RETURN false;
    END IF;
    UPDATE jobqueue_worker SET jobs_done = jobs_done + 1 WHERE id = ANY (ARRAY(
        SELECT id FROM jobqueue_worker WHERE id = v_job.worker_id FOR UPDATE SKIP LOCKED));
    DELETE FROM jobqueue_job AS job USING jobqueue_knowntasktype AS known
    WHERE job.id = p_id AND known.name = job.task_type AND known.is_dropped AND job.occurrence IS NULL;
    RETURN true;
END
$$
"""

# Errors of one task type are alike if they differ in numbers only.
MARK_FAILED = """
CREATE FUNCTION job_queue_mark_failed(p_id uuid, p_claim bigint, p_error text, p_retry_in interval DEFAULT NULL)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_job jobqueue_job := jobqueue_sql_held(p_id, p_claim);
    v_message text := left(coalesce(nullif(p_error, ''), 'No error was given.'), 10000);
    v_status text := CASE WHEN p_retry_in IS NULL THEN 'failed'
                          WHEN v_job.attempts >= v_job.max_attempts THEN 'dead' ELSE 'retrying' END;
BEGIN
    IF p_retry_in < interval '0' OR p_retry_in > interval '36525 days' THEN
        RAISE EXCEPTION 'p_retry_in is %: expected a time from nothing to a hundred years.', p_retry_in
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it out if no retry can mend the error.';
    ELSIF v_job.id IS NULL THEN
        RETURN 'skipped: ' || coalesce(
            (SELECT CASE WHEN status = 'running' THEN 'running under another claim' ELSE status END
             FROM jobqueue_job WHERE id = p_id), 'unknown job');
    END IF;
    PERFORM jobqueue_sql_finish(v_job.worker_id, p_id, json_build_array(json_build_object(
        'id', p_id, 'claim', p_claim, 'number', v_job.attempts, 'started', extract(epoch FROM v_job.started_at),
        'finished', extract(epoch FROM clock_timestamp()), 'outcome', 'error', 'status', v_status, 'code', 'SQL_ERROR',
        'message', v_message, 'delay', CASE WHEN v_status = 'retrying' THEN extract(epoch FROM p_retry_in) END,
        'fingerprint', left(encode(sha256(convert_to(
            v_job.task_type || E'\\n' || regexp_replace(v_message, '[0-9]+', '#', 'g'), 'UTF8')), 'hex'), 16))));
    PERFORM pg_notify('jobqueue_work', '');
    RETURN (SELECT status FROM jobqueue_job WHERE id = p_id);
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0011_sql_claim")]

    operations = [
        migrations.RunSQL(FINISH, NO_FINISH),
        migrations.RunSQL(MARK_SUCCEEDED, "DROP FUNCTION job_queue_mark_succeeded(uuid, bigint, jsonb)"),
        migrations.RunSQL(MARK_FAILED, "DROP FUNCTION job_queue_mark_failed(uuid, bigint, text, interval)"),
    ]
