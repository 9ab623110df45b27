"""What the test's transaction has written so far: equal before and after if nothing was changed."""

from django.db import connection

# Not state of the site: who is logged in, how often somebody called, when a token was last used, who was refused.
_IGNORED = ["django_session", "jobqueue_callrate"]
_READ = {
    "jobqueue_apitoken": "to_jsonb(row) - 'last_used_at'",
    "auth_user": "to_jsonb(row) - 'last_login'",
    "jobqueue_auditentry": "to_jsonb(row) WHERE NOT row.is_refused AND row.action NOT LIKE '%%_VIEW'",
}
"""Of these something may change: what counts of a row. What the audit log says of a look at a student is no change."""
_WRITES = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND NOT relname = ANY (%s)
"""


def fingerprint() -> dict[str, object]:
    """By table. PostgreSQL itself counts the rows written, so no other table has to be read."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITES, [[*_IGNORED, *_READ]])
        return {**dict(cursor.fetchall()), **{table: _rows(table) for table in _READ}}


def _rows(table: str) -> object:
    what, where, condition = _READ[table].partition(" WHERE ")
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {what} FROM "{table}" AS row{where}{condition} ORDER BY 1')  # noqa: S608
        return cursor.fetchall()
