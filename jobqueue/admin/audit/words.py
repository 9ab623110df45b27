"""The words that a column of the log holds, from one to the next by its index, whatever the number of entries."""

from django.db import connection

MOST = 100
_HOPS = """
WITH RECURSIVE hop (word) AS (
    (SELECT {column} FROM jobqueue_auditentry ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM jobqueue_auditentry WHERE {column} > hop.word ORDER BY {column} LIMIT 1)
    FROM hop WHERE hop.word IS NOT NULL
)
SELECT word FROM hop WHERE word IS NOT NULL LIMIT %s
"""


def actions() -> list[str]:
    """What was ever done."""
    return _words("action")


def object_types() -> list[str]:
    """To what kinds of things."""
    return _words("object_type")


def _words(column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_HOPS.format(column=column), [MOST])
        return [word for (word,) in cursor.fetchall()]
