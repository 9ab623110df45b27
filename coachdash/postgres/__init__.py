"""The embedded PostgreSQL: for a checkout without DATABASE_URL; nothing to install, nothing to stop.

It starts with the first process that calls `ensure_running`, and ends shortly after the last such process has
ended, however that one ended. Knows nothing of Django beyond the shape of its DATABASES entry.
"""

from coachdash.postgres.cluster import Status, ensure_running, leave, restart, status, stop
from coachdash.postgres.connection import django_settings, wanted
from coachdash.postgres.exceptions import PostgresError

__all__ = [
    "PostgresError",
    "Status",
    "django_settings",
    "ensure_running",
    "leave",
    "restart",
    "status",
    "stop",
    "wanted",
]
