"""SQL functions to enqueue, and the task types that they know; those that claim, finish and operate follow."""

from django.db import migrations, models

# The same bits as `ids.py` makes: 48 of milliseconds, 12 of their fraction, 62 random ones. gen_random_uuid() ends with
# the variant and 62 random bits, too.
UUID7 = """
CREATE FUNCTION jobqueue_uuid7() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    v_stamp bigint := floor(extract(epoch FROM clock_timestamp()) * 4096000);
BEGIN
    RETURN (lpad(to_hex(v_stamp >> 12), 12, '0') || '7' || lpad(to_hex(v_stamp & 4095), 3, '0')
            || right(replace(gen_random_uuid()::text, '-', ''), 16))::uuid;
END
$$
"""

# Who acts is who logged in, whatever role they took on since. What a person writes as reason is kept as it is.
AUDIT = """
CREATE FUNCTION jobqueue_sql_audit(
    p_action text, p_object_type text, p_object_id text, p_label text, p_before jsonb, p_after jsonb, p_reason text,
    p_is_refused boolean
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO jobqueue_auditentry (actor, channel, address, action, object_type, object_id, object_label,
                                     before, after, reason, is_refused)
    VALUES (session_user, 'sql', coalesce(host(inet_client_addr()), ''), p_action, p_object_type, p_object_id,
            left(p_label, 255), p_before, p_after, left(p_reason, 4000), p_is_refused)
    ON CONFLICT (number) DO NOTHING;
$$;

CREATE FUNCTION jobqueue_sql_label(job jobqueue_job) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT job.task_type || ' ' || right(job.id::text, 8);
$$;

CREATE FUNCTION jobqueue_sql_state(job jobqueue_job) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'status', job.status, 'run_at', job.run_at, 'attempts', job.attempts, 'max_attempts', job.max_attempts,
        'cancel_requested_at', job.cancel_requested_at, 'error_code', job.error_code);
$$
"""
NO_AUDIT = """
DROP FUNCTION jobqueue_sql_state(jobqueue_job);
DROP FUNCTION jobqueue_sql_label(jobqueue_job);
DROP FUNCTION jobqueue_sql_audit(text, text, text, text, jsonb, jsonb, text, boolean)
"""

# Python could not read a time beyond its calendar, a number that is no float, or JSON nested a thousand deep.
CHECKS = """
CREATE FUNCTION jobqueue_sql_check_json(p_name text, p_value jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF jsonb_path_exists(p_value, '$.**{100}') THEN
        RAISE EXCEPTION '% is nested too deep.', p_name
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Expected at most 99 levels.';
    ELSIF jsonb_path_exists(p_value, '$.** ? (@.type() == "number" && (@ > 1e308 || @ < -1e308))') THEN
        RAISE EXCEPTION '% holds a number that is too large.', p_name
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Expected numbers from -1e308 to 1e308.';
    ELSIF pg_column_size(p_value) > 67108864 THEN
        RAISE EXCEPTION '% is larger than 64 MiB.', p_name USING ERRCODE = 'program_limit_exceeded';
    END IF;
END
$$;

CREATE FUNCTION jobqueue_sql_task_type(p_name text) RETURNS jobqueue_knowntasktype LANGUAGE plpgsql AS $$
DECLARE
    v_known jobqueue_knowntasktype;
BEGIN
    SELECT * INTO v_known FROM jobqueue_knowntasktype WHERE name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Unknown task type %: no installed app registers a handler for it.',
            coalesce(quote_literal(left(p_name, 100)), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = format('Known task types: %s.', coalesce(
                (SELECT string_agg(name, ', ' ORDER BY name) FROM jobqueue_knowntasktype),
                'none; manage.py migrate and every start of a worker tell the database'));
    ELSIF v_known.has_unique_rule OR v_known.has_concurrency_rule THEN
        RAISE EXCEPTION 'Jobs of type % have a rule that SQL cannot apply: %.', quote_literal(p_name),
            CASE WHEN v_known.has_unique_rule THEN 'which of them are duplicates' ELSE 'how many may run at once' END
            USING ERRCODE = 'feature_not_supported',
                  HINT = format('Use manage.py enqueue_job %s, the JSON API or jobqueue.api.enqueue.', p_name);
    END IF;
    RETURN v_known;
END
$$
"""
NO_CHECKS = """
DROP FUNCTION jobqueue_sql_task_type(text);
DROP FUNCTION jobqueue_sql_check_json(text, jsonb)
"""

# Workers are notified whether one sleeps or not: one may fall asleep before the caller's transaction commits.
ENQUEUE = """
CREATE FUNCTION job_queue_enqueue(
    p_task_type text, p_payload jsonb DEFAULT '{}', p_run_at timestamptz DEFAULT now(), p_max_attempts int DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    v_known jobqueue_knowntasktype := jobqueue_sql_task_type(p_task_type);
    v_run_at timestamptz := coalesce(p_run_at, now());
    v_max_attempts int := coalesce(p_max_attempts, v_known.max_attempts);
    v_job jobqueue_job;
BEGIN
    IF jsonb_typeof(p_payload) <> 'object' THEN
        RAISE EXCEPTION 'p_payload is a JSON %: expected an object.', jsonb_typeof(p_payload)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Such as ''{"limit": 5}'', or ''{}'' for none.';
    ELSIF v_max_attempts NOT BETWEEN 1 AND 32767 THEN
        RAISE EXCEPTION 'p_max_attempts is %: expected 1 to 32767.', v_max_attempts
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it out for the task type''s own.';
    ELSIF v_run_at < timestamptz '0001-01-03 00:00+00' OR v_run_at > timestamptz '9999-12-30 00:00+00' THEN
        RAISE EXCEPTION 'p_run_at is %: expected a time from the year 1 to the year 9999.', v_run_at
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it out for now.';
    END IF;
    PERFORM jobqueue_sql_check_json('p_payload', p_payload);
    INSERT INTO jobqueue_job (id, task_type, payload, queue, priority, run_at, max_attempts)
    VALUES (jobqueue_uuid7(), p_task_type, coalesce(p_payload, '{}'), v_known.queue, v_known.priority, v_run_at,
            v_max_attempts)
    RETURNING * INTO v_job;
    PERFORM pg_notify('jobqueue_work', '');
    PERFORM jobqueue_sql_audit(
        'JOB_CREATE', 'job', v_job.id::text, jobqueue_sql_label(v_job), NULL, jobqueue_sql_state(v_job)
        || jsonb_build_object('task_type', v_job.task_type, 'queue', v_job.queue, 'priority', v_job.priority),
        '', false);
    RETURN v_job.id;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0009_bulk")]

    operations = [
        migrations.CreateModel(
            name="KnownTaskType",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("label", models.CharField(max_length=200)),
                ("queue", models.CharField(max_length=64)),
                (
                    "priority",
                    models.SmallIntegerField(choices=[(-50, "Low"), (0, "Normal"), (50, "High"), (100, "Critical")]),
                ),
                ("max_attempts", models.PositiveSmallIntegerField()),
                ("timeout", models.DurationField()),
                (
                    "has_unique_rule",
                    models.BooleanField(help_text="Its duplicates are told by a rule that only Python can apply."),
                ),
                ("has_concurrency_rule", models.BooleanField(help_text="The same for how many may run at once.")),
                ("is_dropped", models.BooleanField(help_text="Its jobs are deleted as soon as they succeeded.")),
                ("retention", models.JSONField(help_text="Seconds by final status.")),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.RunSQL(UUID7, "DROP FUNCTION jobqueue_uuid7()"),
        migrations.RunSQL(AUDIT, NO_AUDIT),
        migrations.RunSQL(CHECKS, NO_CHECKS),
        migrations.RunSQL(ENQUEUE, "DROP FUNCTION job_queue_enqueue(text, jsonb, timestamptz, int)"),
    ]
