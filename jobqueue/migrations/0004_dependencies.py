"""Jobs that wait for other jobs."""

from django.db import migrations, models

# Whoever ends a job calls this with its id, and so does upkeep for what a crash left undone; calling it again changes
# nothing. The settings keep it off plans that read a whole table, whatever the statistics of a young queue say.
SETTLE = """
-- Whoever judges how many places of a key are taken holds its lock until the commit, so that of a claim that finds none
-- and a finish that frees one, the second sees what the first did. Slots instead of keys, and in their order: however
-- many keys one transaction has, it cannot exhaust PostgreSQL's table of locks, and two never wait for each other.
CREATE FUNCTION jobqueue_lock_places(p_keys text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('jobqueue.place'), asked.slot)
    FROM (SELECT DISTINCT hashtext(given.key) & 1023 AS slot FROM unnest(p_keys) AS given (key) ORDER BY 1) AS asked;
END
$$;

-- VOLATILE: asked within a statement, it sees what others committed since that began. Who declares a dependency on a job
-- that runs waits for its finish if that is under way; if it is not, the finish will see the dependency.
CREATE FUNCTION jobqueue_somebody_waits() RETURNS boolean LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM jobqueue_dependency AS edge WHERE NOT edge.is_met);
END
$$;

CREATE FUNCTION jobqueue_admit(p_keys text[]) RETURNS integer LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    freed integer;
BEGIN
    -- One admitted too many is parked again by its claim, which alone decides.
    WITH admitted AS (
        UPDATE jobqueue_job AS job SET parked = '', blockers = job.blockers - 1
        WHERE job.id = ANY (ARRAY(
            SELECT best.id
            FROM unnest(p_keys) AS asked (key)
            CROSS JOIN LATERAL (
                SELECT count(*) AS taken FROM jobqueue_job AS other
                WHERE other.concurrency_key = asked.key AND other.concurrency_key IS NOT NULL
                  AND other.worker_id IS NOT NULL
            ) AS places
            CROSS JOIN LATERAL (
                SELECT waiting.id FROM jobqueue_job AS waiting
                WHERE waiting.concurrency_key = asked.key AND waiting.parked = 'limited'
                  AND waiting.concurrency_limit > places.taken
                ORDER BY waiting.priority DESC, waiting.run_at, waiting.id
                LIMIT greatest(0, (
                    SELECT max(first.concurrency_limit) FROM (
                        SELECT head.concurrency_limit FROM jobqueue_job AS head
                        WHERE head.concurrency_key = asked.key AND head.parked = 'limited'
                        ORDER BY head.priority DESC, head.run_at, head.id LIMIT 1
                    ) AS first) - places.taken)
                FOR UPDATE SKIP LOCKED
            ) AS best))
        RETURNING 1
    )
    SELECT count(*) INTO freed FROM admitted;
    RETURN freed;
END
$$;

CREATE FUNCTION jobqueue_settle(p_ids uuid[]) RETURNS integer LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    ended uuid[] := p_ids;
    cancelled uuid[];
    freed integer := 0;
    more integer;
    keys text[];
BEGIN
    WHILE cardinality(ended) > 0 LOOP
        -- Jobs before their dependencies, and in the order of ids, as everybody locks them.
        PERFORM job.id FROM jobqueue_job AS job
        WHERE job.id = ANY (ARRAY(
            SELECT edge.job_id
            FROM jobqueue_dependency AS edge LEFT JOIN jobqueue_job AS parent ON parent.id = edge.parent_id
            WHERE edge.parent_id = ANY (ended) AND NOT edge.is_met
              AND (parent.id IS NULL OR parent.status = 'succeeded'
                   OR (edge.on_failure <> 'hold' AND parent.status IN ('failed', 'dead', 'cancelled')))))
        ORDER BY job.id FOR UPDATE;
        EXIT WHEN NOT FOUND;

        WITH doomed AS MATERIALIZED (
            SELECT DISTINCT ON (edge.job_id) edge.job_id, edge.parent_id, parent.status
            FROM jobqueue_dependency AS edge LEFT JOIN jobqueue_job AS parent ON parent.id = edge.parent_id
            WHERE edge.parent_id = ANY (ended) AND NOT edge.is_met
              AND ((edge.on_failure = 'cancel' AND parent.status IN ('failed', 'dead', 'cancelled'))
                   OR (edge.on_failure <> 'run' AND parent.id IS NULL))
            ORDER BY edge.job_id
        ), moved AS (
            UPDATE jobqueue_job AS job
            SET status = 'cancelled', finished_at = statement_timestamp(), worker_id = NULL,
                blockers = job.blockers - (job.parked <> '')::integer, parked = '',
                error_code = 'DEPENDENCY_FAILED',
                error_message = format('Job %s, which this one depends on, %s.', doomed.parent_id,
                                       coalesce('ended ' || doomed.status, 'was deleted'))
            FROM doomed
            WHERE job.id = doomed.job_id AND job.id = ANY (ARRAY(SELECT doomed.job_id FROM doomed))
              AND job.status IN ('pending', 'retrying')
            RETURNING job.id
        )
        SELECT coalesce(array_agg(moved.id), '{}') INTO cancelled FROM moved;

        -- Nobody waits any longer for what was deleted: whoever retries a job that was cancelled for it means it.
        WITH met AS (
            UPDATE jobqueue_dependency AS edge SET is_met = true
            FROM unnest(ended) AS asked (id) LEFT JOIN jobqueue_job AS parent ON parent.id = asked.id
            WHERE edge.parent_id = asked.id AND NOT edge.is_met
              AND (parent.id IS NULL OR parent.status = 'succeeded'
                   OR (edge.on_failure = 'run' AND parent.status IN ('failed', 'dead', 'cancelled')))
            RETURNING edge.job_id
        ), counted AS MATERIALIZED (
            SELECT met.job_id, count(*)::integer AS met FROM met GROUP BY met.job_id
        ), moved AS (
            UPDATE jobqueue_job AS job SET blockers = job.blockers - counted.met
            FROM counted
            WHERE job.id = counted.job_id AND job.id = ANY (ARRAY(SELECT counted.job_id FROM counted))
            RETURNING job.blockers, job.status
        )
        SELECT count(*) FILTER (WHERE moved.blockers = 0 AND moved.status IN ('pending', 'retrying')) INTO more
        FROM moved;
        freed := freed + more;
        ended := cancelled;
    END LOOP;

    keys := ARRAY(
        SELECT DISTINCT job.concurrency_key FROM jobqueue_job AS job
        WHERE job.id = ANY (p_ids) AND job.concurrency_key IS NOT NULL AND job.status <> 'running');
    IF cardinality(keys) > 0 THEN
        PERFORM jobqueue_lock_places(keys);
        freed := freed + jobqueue_admit(keys);
    END IF;
    IF freed > 0 THEN
        PERFORM jobqueue_wake_sleepers();
    END IF;
    RETURN freed;
END
$$;
"""

NO_SETTLE = """
DROP FUNCTION jobqueue_settle(uuid[]); DROP FUNCTION jobqueue_admit(text[]); DROP FUNCTION jobqueue_lock_places(text[]);
DROP FUNCTION jobqueue_somebody_waits()
"""

# A job that waits for one that is deleted would wait for ever: it is cancelled, or goes on, by its policy. And a
# place that was kept for a job that is deleted goes to the next one.
CASCADE = """
CREATE OR REPLACE FUNCTION jobqueue_delete_history() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT id FROM gone);
    keys text[] := ARRAY(
        SELECT DISTINCT concurrency_key FROM gone
        WHERE concurrency_key IS NOT NULL AND parked = '' AND status IN ('pending', 'retrying', 'running'));
BEGIN
    DELETE FROM jobqueue_attempt WHERE job_id IN (SELECT id FROM gone);
    DELETE FROM jobqueue_logline WHERE job_id IN (SELECT id FROM gone);
    DELETE FROM jobqueue_dependency WHERE job_id = ANY (ids);
    IF EXISTS (SELECT 1 FROM jobqueue_dependency WHERE parent_id = ANY (ids)) THEN
        PERFORM jobqueue_settle(ids);
        -- What is unmet still is of jobs that have ended: should they be retried, there is nothing left to wait for.
        WITH lost AS (
            DELETE FROM jobqueue_dependency WHERE parent_id = ANY (ids) RETURNING job_id, is_met
        ), counted AS MATERIALIZED (
            SELECT lost.job_id, count(*)::integer AS edges FROM lost WHERE NOT lost.is_met GROUP BY lost.job_id
        )
        UPDATE jobqueue_job AS job SET blockers = job.blockers - counted.edges
        FROM counted
        WHERE job.id = counted.job_id AND job.id = ANY (ARRAY(SELECT counted.job_id FROM counted));
    END IF;
    IF cardinality(keys) > 0 THEN
        PERFORM jobqueue_lock_places(keys);
        IF jobqueue_admit(keys) > 0 THEN
            PERFORM jobqueue_wake_sleepers();
        END IF;
    END IF;
    RETURN NULL;
END
$$
"""
CASCADE_BEFORE = """
CREATE OR REPLACE FUNCTION jobqueue_delete_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM jobqueue_attempt WHERE job_id IN (SELECT id FROM gone);
    DELETE FROM jobqueue_logline WHERE job_id IN (SELECT id FROM gone);
    RETURN NULL;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0003_parking")]

    operations = [
        migrations.CreateModel(
            name="Dependency",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "job_id", "parent_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "on_failure",
                    models.CharField(
                        choices=[
                            ("hold", "Wait: the other may be retried"),
                            ("cancel", "Cancel it"),
                            ("run", "Run it anyway"),
                        ],
                        default="hold",
                        max_length=6,
                    ),
                ),
                ("is_met", models.BooleanField(default=False)),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.DO_NOTHING,
                        related_name="dependencies",
                        to="jobqueue.job",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.DO_NOTHING,
                        related_name="dependents",
                        to="jobqueue.job",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="dependency",
            index=models.Index(models.F("parent"), name="dependency_of_parent"),
        ),
        migrations.AddIndex(
            model_name="dependency",
            index=models.Index(models.F("parent"), condition=models.Q(("is_met", False)), name="dependency_unmet"),
        ),
        migrations.RunSQL(SETTLE, NO_SETTLE),
        migrations.RunSQL(CASCADE, CASCADE_BEFORE),
    ]
