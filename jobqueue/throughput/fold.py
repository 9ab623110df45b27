"""Folding: rows per minute and worker become rows per ten minutes, and part of what there ever was."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from jobqueue.models import Throughput
from jobqueue.throughput.bounds import COLUMNS, ON_CONFLICT, SUMMED

FOLDED, EVER = -1, -2
"""In place of a worker's slot."""
UNFOLDED_FOR = timedelta(minutes=70)
"""The chart of the last hour is by minutes."""

# One statement, so no reader ever sees a run twice or not at all. What a worker adds meanwhile to a row that goes is
# either in what the DELETE returns, or makes the row anew.
_FOLD = f"""
WITH row AS (
    DELETE FROM jobqueue_throughput WHERE slot >= 0 AND start < date_bin('10 minutes', %(before)s, 'epoch') RETURNING *
), folded AS (
    INSERT INTO jobqueue_throughput AS known ({COLUMNS})
    SELECT date_bin('10 minutes', row.start, 'epoch'), row.task_type, row.outcome, row.status, {FOLDED}, {SUMMED}
    FROM row GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    {ON_CONFLICT}
), ever AS (
    INSERT INTO jobqueue_throughput AS known ({COLUMNS})
    SELECT 'epoch'::timestamptz, row.task_type, row.outcome, row.status, {EVER}, {SUMMED}
    FROM row GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
    {ON_CONFLICT}
)
SELECT count(*) FROM row
"""  # noqa: S608  constants only


def fold() -> int:
    """Fold what is past its hour; returns how many rows went. Two that fold at once share the rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FOLD, {"before": timezone.now() - UNFOLDED_FOR})
        (gone,) = cursor.fetchone() or (0,)
    return int(gone)


def forget(span: timedelta) -> None:
    """Delete what is older than that; what there ever was stays."""
    Throughput.objects.filter(slot=FOLDED, start__lt=timezone.now() - span).delete()
