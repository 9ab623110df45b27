"""What a running job tells of itself: progress, checkpoint and log lines; fenced by the claim like its outcome."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection

# The `= ANY` and `worker_id IS NOT NULL` for "running" keep the plans at look-ups by primary key; see there.
_PROGRESS = """
WITH news AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(news)s) AS news (id uuid, claim bigint, done bigint, total bigint, message text)
)
UPDATE jobqueue_job AS job
SET progress_done = news.done, progress_total = news.total, progress_message = news.message
FROM news
WHERE job.id = news.id AND job.id = ANY (ARRAY(SELECT news.id FROM news))
  AND job.claim = news.claim AND job.worker_id IS NOT NULL
"""
_CHECKPOINT = """
WITH news AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(news)s) AS news (id uuid, claim bigint, data text)
)
UPDATE jobqueue_job AS job SET checkpoint = news.data::jsonb
FROM news
WHERE job.id = news.id AND job.id = ANY (ARRAY(SELECT news.id FROM news))
  AND job.claim = news.claim AND job.worker_id IS NOT NULL
"""
# Lines of a job that was deleted meanwhile are not kept; lines that a retried write brings again are there.
_LINES = """
INSERT INTO jobqueue_logline (job_id, claim, number, time, level, text)
SELECT news.job_id, news.claim, news.number, to_timestamp(news.time), news.level, news.text
FROM json_to_recordset(%(news)s)
    AS news (job_id uuid, claim bigint, number int, time float8, level text, text text)
WHERE EXISTS (SELECT 1 FROM jobqueue_job AS job WHERE job.id = news.job_id AND job.claim = news.claim)
ON CONFLICT DO NOTHING
"""
_encode = msgspec.json.Encoder().encode


def write_progress(news: dict[str, list[Any]]) -> None:
    """Store progress, by job id: [claim, done, total, message]."""
    _write(_PROGRESS, ("id", "claim", "done", "total", "message"), [(k, *v) for k, v in news.items()])


def write_checkpoints(news: dict[str, list[Any]]) -> None:
    """Store checkpoints, by job id: [claim, JSON]."""
    _write(_CHECKPOINT, ("id", "claim", "data"), [(k, *v) for k, v in news.items()])


def write_lines(lines: Sequence[tuple[Any, ...]]) -> None:
    """Store log lines: (job id, claim, number, time, level, text)."""
    _write(_LINES, ("job_id", "claim", "number", "time", "level", "text"), lines)


def _write(sql: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    news = _encode([dict(zip(names, row, strict=True)) for row in rows]).decode()
    with connection.cursor() as cursor:
        cursor.execute(sql, {"news": news})
