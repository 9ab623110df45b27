"""`make bench`: all benchmarks, or those named (drain enqueue pickup tick memory sync admin api)."""

import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("EMBEDDED_POSTGRES_DIRECTORY", str(Path(__file__).parents[2] / "var" / "postgres-bench"))

import django

from coachdash import postgres


def main() -> None:
    """Run them one after another on a database of their own and print a table."""
    if postgres.wanted():
        postgres.ensure_running()
    django.setup()
    from tests.bench import admin, api, database, drain, enqueue, memory, pickup, sync, table, tick

    known = {
        "enqueue": enqueue,
        "drain": drain,
        "pickup": pickup,
        "tick": tick,
        "memory": memory,
        "sync": sync,
        "admin": admin,
        "api": api,
    }
    names = sys.argv[1:] or list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"No benchmark {', '.join(unknown)}: expected some of {', '.join(known)}.")
    with database.fresh():
        print(database.describe())
        table.head()
        for name in names:
            for row in known[name].measure():
                table.show(row)


if __name__ == "__main__":
    main()
