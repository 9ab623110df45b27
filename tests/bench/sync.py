"""A first sync of 2,000 accounts from the simulator at 20 ms latency, beside the same calls with bare HTTP."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import requests

from gameplatform.conf import conf
from gameplatform.models import Account
from gameplatform.simulator.world import World
from jobqueue.api import enqueue
from jobqueue.models import Job
from tests.bench import database, processes
from tests.bench.table import Row

_COMPETITORS = 2_000
_PORT = int(os.environ.get("BENCH_SIMULATOR_PORT", "4019"))
_BASE = f"http://127.0.0.1:{_PORT}/integrations/syned/v1"
_TOKEN = "bench-token"
_CALLS = ("users", "scores/get_odl_scores", "scores/get_flash_ctf_progress")


def measure() -> Iterator[Row]:
    """Accounts a second through the real queue, worker and database."""
    database.empty()
    world = World(seed=1, competitors=_COMPETITORS, coaches=20)
    Account.objects.all().delete()
    Account.objects.bulk_create(
        Account(id=one.syned_user_id, kind=Account.Kind.COMPETITOR) for one in world.competitors
    )
    size = ("--competitors", str(_COMPETITORS), "--coaches", "20")
    with processes.simulator(_PORT, *size, "--token", _TOKEN, "--latency", "20ms", "--speed", "0"):
        calls = [
            (path, str(one.syned_user_id)) for one in world.competitors if one.status == "approved" for path in _CALLS
        ]
        ceiling = len(calls) / _bare(calls)
        environment = {"GAME_PLATFORM_API_BASE_URL": _BASE, "GAME_PLATFORM_API_TOKEN": _TOKEN}
        with processes.worker(environment=environment):
            job = _finished(enqueue("game_platform_sync", {"forceFullSync": True}).id)
    result = job.result or {}
    seconds = job.duration.total_seconds() if job.duration else 0.0
    yield Row(
        name=f"first sync of {_COMPETITORS:,} accounts, 20 ms latency",
        figure=result["requests"] / seconds,
        unit="calls/s",
        ceiling_name=f"bare HTTP, {conf().CONCURRENCY} threads, no parsing",
        ceiling=ceiling,
        note=f"{seconds:.1f} s, {result['solves_added']:,} solves, {job.status}",
    )


def _bare(calls: list[tuple[str, str]]) -> float:
    local = threading.local()

    def get(call: tuple[str, str]) -> None:
        if not hasattr(local, "session"):
            local.session = requests.Session()
            local.session.headers["Authorization"] = f"Bearer {_TOKEN}"
        local.session.get(f"{_BASE}/{call[0]}", params={"syned_user_id": call[1]}, timeout=30).raise_for_status()

    began = time.perf_counter()
    with ThreadPoolExecutor(conf().CONCURRENCY) as pool:
        list(pool.map(get, calls))
    return time.perf_counter() - began


def _finished(id_: UUID) -> Job:
    while True:
        job = Job.objects.get(pk=id_)
        if job.is_finished:
            return job
        time.sleep(0.2)
