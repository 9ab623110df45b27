"""The JSON columns of a job as the text that PostgreSQL stores: Python may be unable to read what SQL has put there."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

MOST_READ = 2_000_000
"""Characters of one value; of a longer one only the beginning is read."""

_COLUMNS = ("payload", "result", "checkpoint")
_READ = f"""
SELECT {", ".join(f"left({name}::text, %(most)s), length({name}::text)" for name in _COLUMNS)}
FROM jobqueue_job WHERE id = %(job)s
"""  # noqa: S608  constants only


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One value."""

    text: str
    length: int
    """Characters, also of what was not read."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it was read."""
        return len(self.text) == self.length


def stored_values(job: UUID, most: int = MOST_READ) -> dict[str, Stored]:
    """`payload`, `result` and `checkpoint`, those that are there, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"job": job, "most": most})
        row = cursor.fetchone() or (None,) * 2 * len(_COLUMNS)
    pairs = zip(_COLUMNS, row[::2], row[1::2], strict=True)
    return {name: Stored(text=text, length=length) for name, text, length in pairs if text is not None}
