"""The memory of an idle worker with two children: proportional set size over its whole process tree."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.bench import database, processes
from tests.bench.table import Row


def measure() -> Iterator[Row]:
    """After a few seconds of idling; a bare Python with Django set up is shown beside it."""
    database.empty()
    with processes.worker("--concurrency", "2") as process:
        time.sleep(5)
        tree = [process, *process.children(recursive=True)]
        yield Row(
            name="idle worker, 2 children, whole tree",
            figure=sum(_pss_mib(one) for one in tree),
            unit="MiB",
            ceiling_name="this process alone",
            ceiling=_pss_mib(psutil.Process()),
            note=f"want <= 180; {len(tree)} processes",
        )


def _pss_mib(process: psutil.Process) -> float:
    for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError("smaps_rollup has no Pss line")
