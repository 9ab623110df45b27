"""How many calls of the API two web processes answer beside a draining worker, and how many without a query."""

import tempfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.auth.models import User

from jobqueue.api import NewJob, enqueue_many
from jobqueue.audit import Actor
from jobqueue.models import Job
from jobqueue.models.audit_entry import Channel
from jobqueue.operations import create_token
from jobqueue.states import UNFINISHED
from tests import server
from tests.bench import database, processes
from tests.bench.table import Row

_JOBS = 400_000
_CALLERS = 8
_SECONDS = 8.0
_OFTEN = 1_000_000_000
_WANTED = {"list": "/api/admin/jobs?limit=50", "health": "/api/admin/jobs/health"}
_PRODUCTION = {"DEBUG": "false", "SECRET_KEY": "for benchmarks only " * 4, "SECURE_SSL_REDIRECT": "false"}


def measure() -> Iterator[Row]:
    """Lists and health, each beside the ceiling."""
    database.empty()
    token = _token()
    enqueue_many(NewJob(task_type="noop") for _ in range(_JOBS))
    database.settle()
    limits = {"API_CALLS_PER_MINUTE": _OFTEN, "API_STRANGERS_PER_MINUTE": _OFTEN}
    log = Path(tempfile.mkdtemp()) / "server.log"
    with (
        server.running(log, limits, workers=2, variables=_PRODUCTION) as address,
        processes.worker("--concurrency", "2"),
    ):
        ceiling = _load(address, "/health/live", token)
        for name, path in _WANTED.items():
            got = _load(address, path, token)
            drains = Job.objects.filter(status__in=UNFINISHED).exists()
            beside = "beside a draining worker" if drains else "beside an idle worker"
            yield Row(
                name=f"API {name}, {_CALLERS} callers",
                figure=got,
                unit="calls/s",
                ceiling_name="/health/live of the same server",
                ceiling=ceiling,
                note=f"want >= 200 calls/s; {beside}",
            )


def _token() -> str:
    owner, _ = User.objects.get_or_create(username="caller", defaults={"is_superuser": True})
    actor = Actor(name="bench", channel=Channel.CLI)
    return create_token(owner, actor, name=f"bench {time.time()}", scopes=["jobs:read"], expires_at=None)[1]


def _load(address: str, path: str, token: str) -> float:
    """Calls a second, all callers together; a call that fails fails the measurement."""
    counts: list[int] = []
    failures: list[str] = []
    until = time.perf_counter() + _SECONDS
    callers = [
        threading.Thread(target=_call, args=(address, path, token, until, counts, failures)) for _ in range(_CALLERS)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    if failures:
        raise RuntimeError(f"{len(failures)} calls of {path} failed, the first with: {failures[0]}")
    return sum(counts) / _SECONDS


def _call(address: str, path: str, token: str, until: float, counts: list[int], failures: list[str]) -> None:
    place = urlsplit(address)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=30)
    done = 0
    while time.perf_counter() < until:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            failures.append(f"{response.status} {body[:200]!r}")
            break
        done += 1
    counts.append(done)
    connection.close()
