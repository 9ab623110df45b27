"""The worker's own defaults, unlike tests/settings.py, plus the sample handlers."""

import json
import os

from coachdash.settings import *  # noqa: F403
from coachdash.settings import DATABASES, INSTALLED_APPS, JOB_QUEUE

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobqueue.sample"]
DATABASES["default"]["NAME"] = os.environ.get("BENCH_DATABASE", "bench")
JOB_QUEUE = {**JOB_QUEUE, **json.loads(os.environ.get("JOB_QUEUE_OVERRIDES", "{}"))}
