"""May this process get requests? Not while the database is away or lacks what the code expects of it."""

import logging

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobqueue.health import Check, Health, Level
from jobqueue.probes.missing import missing_migrations

log = logging.getLogger("jobqueue.probes")

_MOST_NAMED = 3


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 while the database answers and every migration is applied, else 503; the same JSON as for health."""
    health = _health()
    response = JsonResponse(health.to_json(), status=200 if health.status == Level.HEALTHY else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  by us, and not as Django's error
    return response


def _health() -> Health:
    try:
        missing = missing_migrations()
    except Error as error:
        # Everybody may read the answer; what the driver says names hosts and accounts.
        log.warning("Not ready: the database failed: %s", str(error).strip())
        away = Check(level=Level.CRITICAL, value="down", message="The database does not answer.")
        return Health(status=Level.CRITICAL, checks={"database": away})
    database = Check(level=Level.HEALTHY, value="up", message="The database answers.")
    migrations = Check(level=Level.HEALTHY, value=0, message="All migrations are applied.")
    if missing:
        log.warning("Not ready: migrations are missing: %s", ", ".join(missing))
        named = ", ".join(missing[:_MOST_NAMED]) + (" …" if len(missing) > _MOST_NAMED else "")
        message = f"Not applied yet: {named}. Run manage.py migrate."
        migrations = Check(level=Level.CRITICAL, value=len(missing), message=message)
    return Health(status=migrations.level, checks={"database": database, "migrations": migrations})
