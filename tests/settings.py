"""The project's settings plus an app with handlers that tests run in real workers."""

import json
import os
from datetime import timedelta
from pathlib import Path

# Before the project reads them. Workers that tests start inherit them and so find the same cluster.
os.environ.setdefault("EMBEDDED_POSTGRES_DIRECTORY", str(Path(__file__).parent.parent / "var" / "postgres-test"))
os.environ.setdefault("SECRET_KEY", "for tests only")
os.environ.setdefault("DEBUG", "true")

from coachdash.settings import *  # noqa: F403
from coachdash.settings import DATABASES, INSTALLED_APPS, JOB_QUEUE

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobqueue.sample"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # or each test client looks through all static files at its first request
TASKS = {
    "default": {"BACKEND": "jobqueue.backend.JobQueueBackend", "QUEUES": ["default", "mail"]},
    "any_queue": {"BACKEND": "jobqueue.backend.JobQueueBackend", "QUEUES": []},
    "immediate": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"},
}
JOB_QUEUE = {
    **JOB_QUEUE,
    "HEARTBEAT_SECONDS": 1.0,
    "LOST_AFTER_SECONDS": 4.0,
    "POLL_SECONDS": 1.0,
    "API_HEALTH_SECONDS": 0.0,
    "INTERRUPT_GRACE_SECONDS": 1.0,
    "DEFAULT_TIMEOUT": timedelta(seconds=60),
    # What one test's worker needs otherwise.
    **json.loads(os.environ.get("JOB_QUEUE_OVERRIDES", "{}")),
}

# Workers that a test starts as processes of their own use the test's database.
if "TEST_DATABASE_NAME" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]
