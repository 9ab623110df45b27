"""The log of what people did: append-only, numbered without gaps, each entry chained to the one before."""

from django.db import migrations, models

# The hash says every column in one text that no setting of the client changes. `audit/verification.py` has the same
# text of its own, so that replacing this function hides nothing.
#
# Writers take turns until their commit: a number is given only when the one before is there for good. Under
# READ COMMITTED each look sees what was committed before it. Under a stricter level the look may be stale; then the
# number is taken, and the insert fails as any serialization conflict does: retry the transaction.
CHAIN = """
CREATE FUNCTION jobqueue_audit_hash(entry jobqueue_auditentry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        entry.number, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.actor_id,
        entry.actor, entry.channel, entry.address, entry.action, entry.object_type, entry.object_id,
        entry.object_label, entry.before::text, entry.after::text, entry.reason, entry.is_refused,
        entry.previous_hash)::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION jobqueue_audit_append() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('jobqueue.audit', 0));
    SELECT number, hash INTO last FROM jobqueue_auditentry ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, repeat('0', 64));
    NEW.at := clock_timestamp();
    NEW.hash := jobqueue_audit_hash(NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_append BEFORE INSERT ON jobqueue_auditentry
FOR EACH ROW EXECUTE FUNCTION jobqueue_audit_append();
"""

# An empty log may be truncated: a test suite that flushes every table between tests must be able to. One that writes
# entries, too, switches the trigger off in its test database:
#     ALTER TABLE jobqueue_auditentry DISABLE TRIGGER audit_not_truncated
APPEND_ONLY = """
CREATE FUNCTION jobqueue_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND NOT EXISTS (SELECT 1 FROM jobqueue_auditentry) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The audit log is append-only: % on jobqueue_auditentry is refused.', TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Record a new entry that says what was wrong with the old one.';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON jobqueue_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION jobqueue_audit_refuse();
CREATE TRIGGER audit_not_truncated BEFORE TRUNCATE ON jobqueue_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION jobqueue_audit_refuse();
"""

NO_CHAIN = """
DROP TRIGGER audit_append ON jobqueue_auditentry;
DROP FUNCTION jobqueue_audit_append();
DROP FUNCTION jobqueue_audit_hash(jobqueue_auditentry);
"""
NOT_APPEND_ONLY = """
DROP TRIGGER audit_append_only ON jobqueue_auditentry;
DROP TRIGGER audit_not_truncated ON jobqueue_auditentry;
DROP FUNCTION jobqueue_audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0007_effects")]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "number",
                    models.BigIntegerField(
                        editable=False, help_text="Without gaps, by the trigger.", primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "actor",
                    models.CharField(help_text="The user's name, or the system account of a command.", max_length=255),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("admin", "Admin"), ("api", "API"), ("cli", "Command line"), ("sql", "SQL")],
                        max_length=5,
                    ),
                ),
                (
                    "address",
                    models.CharField(blank=True, default="", help_text="Where the request came from.", max_length=64),
                ),
                ("action", models.CharField(help_text="Such as JOB_RETRY.", max_length=64)),
                ("object_type", models.CharField(max_length=32)),
                ("object_id", models.CharField(blank=True, default="", max_length=100)),
                ("object_label", models.CharField(blank=True, default="", max_length=255)),
                ("before", models.JSONField(blank=True, null=True)),
                ("after", models.JSONField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("is_refused", models.BooleanField(default=False)),
                ("previous_hash", models.CharField(editable=False, max_length=64)),
                ("hash", models.CharField(editable=False, max_length=64)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-number"],
            },
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                models.F("action"), models.OrderBy(models.F("number"), descending=True), name="audit_by_action"
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                models.F("actor_id"), models.OrderBy(models.F("number"), descending=True), name="audit_by_actor"
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                models.F("object_type"),
                models.F("object_id"),
                models.OrderBy(models.F("number"), descending=True),
                name="audit_by_object",
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(models.F("at"), name="audit_by_time"),
        ),
        migrations.RunSQL(CHAIN, NO_CHAIN),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
    ]
