"""Who knows the token may read the metrics; nobody while there is none."""

import logging
from hmac import compare_digest

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from jobqueue.conf import conf
from jobqueue.metrics.exposition import exposition

log = logging.getLogger("jobqueue.metrics")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, for `Authorization: Bearer` and one of `JOB_QUEUE["METRICS_TOKENS"]`."""
    if not conf().METRICS_TOKENS:
        return _refusal(
            403, "forbidden", "Nobody may read the metrics: set METRICS_TOKEN, and have Prometheus send it."
        )
    if not _is_known(request.headers.get("Authorization", "")):
        answer = _refusal(401, "unauthorized", "Expected the header Authorization: Bearer, with METRICS_TOKEN.")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    try:
        return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
    except Error as error:
        log.warning("No metrics: the database failed: %s", str(error).strip())
        return _refusal(503, "unavailable", "The database does not answer.")


def _is_known(header: str) -> bool:
    scheme, _, given = header.partition(" ")
    # Every one of them is compared, so that the time tells nothing.
    matches = [compare_digest(given.strip().encode(), token.encode()) for token in conf().METRICS_TOKENS]
    return scheme.lower() == "bearer" and any(matches)


def _refusal(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)
