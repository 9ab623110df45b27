"""What the administrator's pages cost beside 1,000,000 jobs: each page's time, and its weight on the wire.

The ceiling of a page is the same page beside ten thousand jobs: a ratio of 1 says that history costs nothing.
"""

import gzip
import statistics
import time
from collections.abc import Iterator, Mapping

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from jobqueue.models import Job
from tests.bench import database
from tests.bench.table import Row

_FEW, _MANY = 10_000, 1_000_000
_ROUNDS = 7
# Ids that grow with the age they tell, states and errors as a queue in production has them, an attempt for every fifth.
_JOBS = """
INSERT INTO jobqueue_job (id, task_type, payload, queue, priority, status, run_at, attempts, created_at, started_at,
                          finished_at, error_code, error_message, result)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || left(md5(n::text), 3) || '8'
        || right(md5(n::text), 15))::uuid,
       (ARRAY['noop', 'add_one', 'game_platform_sync', 'game_platform_totals_sweep', 'job_queue_cleanup'])[1 + n %% 5],
       jsonb_build_object('dryRun', n %% 2 = 0, 'coachId', n %% 40, 'note', 'number ' || n),
       (ARRAY['default', 'mail', 'slow'])[1 + n %% 3], 0, status, at, 1, at, at, at + interval '1 second',
       CASE WHEN status IN ('failed', 'dead')
            THEN (ARRAY['TIMEOUT', 'NOT_FOUND', 'AUTH_ERROR'])[1 + n %% 3] ELSE '' END,
       CASE WHEN status IN ('failed', 'dead') THEN 'The platform said number ' || n ELSE '' END,
       CASE WHEN status = 'succeeded' THEN '{"rows": 7}'::jsonb END
FROM (SELECT n, now() - make_interval(secs => (%(jobs)s - n) * 0.6) AS at,
             CASE WHEN n %% 100 < 94 THEN 'succeeded' WHEN n %% 100 < 97 THEN 'failed' WHEN n %% 100 < 99 THEN 'dead'
                  ELSE 'cancelled' END AS status
      FROM generate_series(1, %(jobs)s) AS n) AS made
"""
_ATTEMPTS = """
INSERT INTO jobqueue_attempt (job_id, claim, number, started_at, finished_at, outcome, error_code, error_message,
                              traceback)
SELECT id, 1, 1, started_at, finished_at, CASE WHEN status = 'succeeded' THEN 'succeeded' ELSE 'error' END, error_code,
       error_message, ''
FROM jobqueue_job WHERE ('x' || right(id::text, 2))::bit(8)::int % 5 = 0
"""


def measure() -> Iterator[Row]:
    """Every page beside few jobs and beside many."""
    client = Client(headers={"accept-encoding": "gzip", "host": "localhost"})
    client.force_login(User.objects.create_superuser("bench"))
    few = _costs(client, _FEW)
    many = _costs(client, _MANY)
    for name, (milliseconds, kilobytes) in many.items():
        yield Row(
            name=name,
            figure=milliseconds,
            unit="ms",
            ceiling_name=f"the same beside {_FEW:,} jobs",
            ceiling=few[name][0],
            note=f"{kilobytes:.0f} kB compressed",
        )
    User.objects.all().delete()
    database.empty()


def _costs(client: Client, jobs: int) -> Mapping[str, tuple[float, float]]:
    """For each page: milliseconds, the median of several, and kilobytes."""
    database.empty()
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, {"jobs": jobs})
        cursor.execute(_ATTEMPTS)
        cursor.execute("VACUUM ANALYZE jobqueue_job, jobqueue_attempt")
    return {name: _cost(client, path) for name, path in _pages().items()}


def _pages() -> Mapping[str, str]:
    jobs = "/admin/jobqueue/job/"
    newest = Job.objects.latest("id")
    failed = Job.objects.filter(status="failed").latest("id")
    return {
        "dashboard": "/admin/",
        "job list": jobs,
        "job list, far back": f"{jobs}?before={Job.objects.earliest('id').pk}",
        "by status, rare": f"{jobs}?status=cancelled",
        "by status, common": f"{jobs}?status=succeeded",
        "by status, none": f"{jobs}?status=running",
        "by task type": f"{jobs}?task_type=add_one",
        "by queue": f"{jobs}?queue=mail",
        "by age": f"{jobs}?date=hour",
        "by status and task type": f"{jobs}?status=failed&task_type=noop",
        "search by id": f"{jobs}?q={newest.pk}",
        "search by short id": f"{jobs}?q={newest.short_id}",
        "search by task type": f"{jobs}?q=add_one",
        "search by error": f"{jobs}?q=NOT_FOUND",
        "search by nothing found": f"{jobs}?q=nosuchthing",
        "job page": f"{jobs}{failed.pk}/change/",
        "workers and health": "/admin/jobqueue/worker/",
        "schedules": "/admin/jobqueue/schedule/",
    }


def _cost(client: Client, path: str) -> tuple[float, float]:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        answer = client.get(path)
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200, f"{path} answers {answer.status_code}."
    body = answer.content
    is_compressed = answer.headers.get("Content-Encoding") == "gzip"
    return statistics.median(times) * 1e3, len(body if is_compressed else gzip.compress(body)) / 1000
