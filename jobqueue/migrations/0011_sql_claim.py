"""SQL functions to claim, for workers that are no `run_worker`.

The statements are those of `claim.py`, `places.py` and `transitions/by_rules.py` at the time of this migration; a test
says when they have moved on.
"""

from django.db import migrations

# A row of workers for each session at a time: a row that another session holds is beaten there. It stays locked until
# the claim is committed, so that nobody declares the worker lost in between and misses the new jobs.
WORKER = """
CREATE FUNCTION jobqueue_sql_beat(p_worker text) RETURNS uuid LANGUAGE sql AS $$
    WITH mine AS (
        UPDATE jobqueue_worker SET beat_at = clock_timestamp()
        WHERE id = ANY (ARRAY(
            SELECT id FROM jobqueue_worker
            WHERE machine = 'sql' AND host = p_worker AND stopped_at IS NULL AND lost_at IS NULL
            ORDER BY id FOR UPDATE SKIP LOCKED))
        RETURNING id
    )
    SELECT id FROM mine ORDER BY id LIMIT 1;
$$;

CREATE FUNCTION jobqueue_sql_worker(p_worker text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := jobqueue_sql_beat(p_worker);
BEGIN
    IF v_id IS NULL THEN
        INSERT INTO jobqueue_worker (id, host, machine, pid, process_started, version, queues, concurrency,
                                     started_at, beat_at, is_sleeping, jobs_done, memory_mib)
        VALUES (jobqueue_uuid7(), p_worker, 'sql', 0, '', '', '{}', 1, clock_timestamp(), clock_timestamp(), false, 0, 0)
        RETURNING id INTO v_id;
    END IF;
    RETURN v_id;
END
$$
"""

EXPIRE = """
CREATE FUNCTION jobqueue_sql_expire() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_job record;
    v_ids uuid[];
BEGIN
    LOOP
        v_ids := '{}';
        FOR v_job IN
        UPDATE jobqueue_job AS job
        SET status = 'cancelled', finished_at = statement_timestamp(), worker_id = NULL,
            blockers = job.blockers - (job.parked <> '')::integer, parked = '',
            error_code = 'EXPIRED', error_message = 'It was not started by its deadline.'
        WHERE job.status = 'pending' AND job.id = ANY (ARRAY(
            SELECT late.id FROM jobqueue_job AS late
            WHERE late.status = 'pending' AND late.attempts = 0 AND late.deadline IS NOT NULL
              AND late.deadline < statement_timestamp()
            ORDER BY late.deadline LIMIT 1000 FOR UPDATE SKIP LOCKED))
        RETURNING job.id
        LOOP
            v_ids := v_ids || v_job.id;
        END LOOP;
        PERFORM jobqueue_settle(v_ids);
        EXIT WHEN cardinality(v_ids) < 1000;
    END LOOP;
END
$$
"""

# enable_sort: the planner must walk the index in its order, whatever its statistics say; see `claim.py`.
TAKE = """
CREATE FUNCTION jobqueue_sql_take(p_worker uuid, p_limit int, p_queues text[]) RETURNS uuid[] LANGUAGE plpgsql
SET enable_sort = off AS $$
DECLARE
    v_job record;
    v_all uuid[];
    v_keyed uuid[];
    v_keys text[];
    v_parked uuid[];
    v_levels smallint[];
    v_queues text[];
BEGIN
    SELECT array_agg(level.priority ORDER BY level.priority DESC, own.rank),
           array_agg(own.queue ORDER BY level.priority DESC, own.rank) INTO v_levels, v_queues
    FROM unnest('{100,50,0,-50}'::smallint[]) AS level (priority)
    CROSS JOIN unnest(p_queues) WITH ORDINALITY AS own (queue, rank);
    LOOP
        v_all := '{}'; v_keyed := '{}'; v_keys := '{}'; v_parked := '{}';
        IF cardinality(p_queues) > 0 THEN
            FOR v_job IN
                WITH due AS MATERIALIZED (
                    SELECT picked.id
                    FROM unnest(v_levels::smallint[], v_queues::text[]) AS lane (priority, queue)
                    CROSS JOIN LATERAL (
                        SELECT job.id
                        FROM jobqueue_job AS job
                        WHERE job.status IN ('pending', 'retrying')
                          AND job.blockers < 1
                          AND job.priority = lane.priority AND job.queue = lane.queue
                          AND job.run_at <= statement_timestamp()
                          AND job.queue NOT IN (
                              SELECT name FROM jobqueue_pause
                              WHERE scope = 'queue' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
                          AND job.task_type NOT IN (
                              SELECT name FROM jobqueue_pause
                              WHERE scope = 'task_type' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
                        ORDER BY job.run_at, job.id
                        LIMIT p_limit
                        FOR UPDATE SKIP LOCKED
                    ) AS picked
                    WHERE NOT EXISTS (
                        SELECT 1 FROM jobqueue_pause
                        WHERE scope = 'everything' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
                    LIMIT p_limit
                )
                UPDATE jobqueue_job AS job
                SET status = 'running', claim = job.claim + 1, worker_id = p_worker, started_at = NULL,
                    progress_done = NULL, progress_total = NULL, progress_message = ''
                WHERE job.id = ANY (ARRAY(SELECT due.id FROM due))
                RETURNING job.id::text, job.claim, job.task_type, job.payload::text, job.attempts + 1, job.max_attempts,
                    extract(epoch FROM job.timeout)::float8, extract(epoch FROM job.deadline)::float8,
                    extract(epoch FROM job.occurrence)::float8, job.checkpoint::text, job.postponed,
                    job.priority, job.run_at, job.concurrency_key
            LOOP
                v_all := v_all || v_job.id::uuid;
                v_keyed := v_keyed || CASE WHEN v_job.concurrency_key IS NOT NULL THEN v_job.id::uuid END;
                v_keys := v_keys || v_job.concurrency_key::text;
            END LOOP;
        ELSE
            FOR v_job IN
                WITH due AS MATERIALIZED (
                    SELECT picked.id
                    FROM unnest('{100,50,0,-50}'::smallint[]) AS lane (priority)
                    CROSS JOIN LATERAL (
                        SELECT job.id
                        FROM jobqueue_job AS job
                        WHERE job.status IN ('pending', 'retrying')
                          AND job.blockers = 0
                          AND job.priority = lane.priority
                          AND job.run_at <= statement_timestamp()
                          AND job.queue NOT IN (
                              SELECT name FROM jobqueue_pause
                              WHERE scope = 'queue' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
                          AND job.task_type NOT IN (
                              SELECT name FROM jobqueue_pause
                              WHERE scope = 'task_type' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
                        ORDER BY job.run_at, job.id
                        LIMIT p_limit
                        FOR UPDATE SKIP LOCKED
                    ) AS picked
                    WHERE NOT EXISTS (
                        SELECT 1 FROM jobqueue_pause
                        WHERE scope = 'everything' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
                    LIMIT p_limit
                )
                UPDATE jobqueue_job AS job
                SET status = 'running', claim = job.claim + 1, worker_id = p_worker, started_at = NULL,
                    progress_done = NULL, progress_total = NULL, progress_message = ''
                WHERE job.id = ANY (ARRAY(SELECT due.id FROM due))
                RETURNING job.id::text, job.claim, job.task_type, job.payload::text, job.attempts + 1, job.max_attempts,
                    extract(epoch FROM job.timeout)::float8, extract(epoch FROM job.deadline)::float8,
                    extract(epoch FROM job.occurrence)::float8, job.checkpoint::text, job.postponed,
                    job.priority, job.run_at, job.concurrency_key
            LOOP
                v_all := v_all || v_job.id::uuid;
                v_keyed := v_keyed || CASE WHEN v_job.concurrency_key IS NOT NULL THEN v_job.id::uuid END;
                v_keys := v_keys || v_job.concurrency_key::text;
            END LOOP;
        END IF;
        v_keyed := array_remove(v_keyed, NULL);
        v_keys := ARRAY(SELECT DISTINCT asked.key COLLATE "C" FROM unnest(v_keys) AS asked (key)
                        WHERE asked.key IS NOT NULL ORDER BY 1);
        IF cardinality(v_keys) > 0 THEN
            PERFORM jobqueue_lock_places(v_keys::text[]);
            FOR v_job IN
                WITH mine AS MATERIALIZED (
                    SELECT job.id, job.concurrency_key AS key, job.concurrency_limit AS places,
                           row_number() OVER (PARTITION BY job.concurrency_key ORDER BY job.priority DESC, job.run_at, job.id) AS rank,
                           count(*) OVER (PARTITION BY job.concurrency_key) AS claimed
                    FROM jobqueue_job AS job WHERE job.id = ANY (ARRAY(SELECT unnest(v_keyed::uuid[])))
                ), taken AS MATERIALIZED (
                    SELECT job.concurrency_key AS key, count(*) AS jobs FROM jobqueue_job AS job
                    WHERE job.concurrency_key = ANY (v_keys::text[]) AND job.concurrency_key IS NOT NULL AND job.worker_id IS NOT NULL
                    GROUP BY job.concurrency_key
                )
                UPDATE jobqueue_job AS job
                SET status = CASE WHEN job.attempts > 0 THEN 'retrying' ELSE 'pending' END, worker_id = NULL,
                    parked = 'limited', blockers = 1
                FROM mine JOIN taken USING (key)
                WHERE job.id = mine.id AND job.id = ANY (ARRAY(SELECT unnest(v_keyed::uuid[])))
                  AND taken.jobs - mine.claimed + mine.rank > mine.places
                RETURNING job.id::text
            LOOP
                v_parked := v_parked || v_job.id::uuid;
            END LOOP;
        END IF;
        -- All it found had no place: there may be others behind them.
        EXIT WHEN cardinality(v_all) = 0 OR cardinality(v_parked) < cardinality(v_all);
    END LOOP;
    RETURN ARRAY(SELECT id FROM unnest(v_all) AS claimed (id) WHERE id <> ALL (v_parked));
END
$$
"""

# Whoever claims by SQL begins at once, so the attempt counts as begun.
CLAIM = """
CREATE FUNCTION job_queue_claim(p_limit int DEFAULT 1, p_worker text DEFAULT session_user, p_queues text[] DEFAULT '{}')
RETURNS TABLE (
    id uuid, claim bigint, task_type text, payload jsonb, attempt int, max_attempts int, timeout interval,
    occurrence timestamptz, checkpoint jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[];
BEGIN
    IF p_limit IS NULL OR p_limit NOT BETWEEN 0 AND 1000 THEN
        RAISE EXCEPTION 'p_limit is %: expected 0 to 1000.', coalesce(p_limit::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = '0 claims nothing and tells that the worker lives.';
    ELSIF p_worker IS NULL OR length(p_worker) NOT BETWEEN 1 AND 255 THEN
        RAISE EXCEPTION 'p_worker is %: expected 1 to 255 characters.', coalesce(quote_literal(left(p_worker, 80)), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A name for the worker, such as ''nightly''.';
    ELSIF p_queues IS NULL OR array_position(p_queues, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'p_queues is or holds NULL: expected names of queues.'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it out for all queues.';
    ELSIF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'A claim in a % transaction may exceed concurrency limits.',
            upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'invalid_transaction_state', HINT = 'Use READ COMMITTED, and commit after each claim.';
    END IF;
    PERFORM jobqueue_sql_expire();
    v_ids := jobqueue_sql_take(jobqueue_sql_worker(p_worker), p_limit, p_queues);
    RETURN QUERY
        WITH begun AS (
            UPDATE jobqueue_job AS job SET started_at = clock_timestamp(), attempts = job.attempts + 1
            WHERE job.id = ANY (v_ids) RETURNING job.*
        )
        SELECT begun.id, begun.claim, begun.task_type::text, begun.payload, begun.attempts::int,
               begun.max_attempts::int, coalesce(begun.timeout, known.timeout), begun.occurrence, begun.checkpoint
        FROM begun LEFT JOIN jobqueue_knowntasktype AS known ON known.name = begun.task_type
        ORDER BY begun.priority DESC, begun.run_at, begun.id;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0010_sql_enqueue")]

    operations = [
        migrations.RunSQL(WORKER, "DROP FUNCTION jobqueue_sql_worker(text); DROP FUNCTION jobqueue_sql_beat(text)"),
        migrations.RunSQL(EXPIRE, "DROP FUNCTION jobqueue_sql_expire()"),
        migrations.RunSQL(TAKE, "DROP FUNCTION jobqueue_sql_take(uuid, int, text[])"),
        migrations.RunSQL(CLAIM, "DROP FUNCTION job_queue_claim(int, text, text[])"),
    ]
