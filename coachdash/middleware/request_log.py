"""One line per request: which, by which method, how it ended and how long it took. Not by whom, and no query."""

import logging
import re
import time
from collections.abc import Callable
from urllib.parse import quote
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars

log = logging.getLogger("coachdash.requests")

HEADER = "X-Request-ID"
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)

type GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """Names the request in every line that is logged meanwhile, and in its answer.

    A proxy may have given it its name already.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and log that."""
        given = request.headers.get(HEADER, "")
        name = given if _ID.fullmatch(given) else uuid4().hex
        began = time.perf_counter()
        with bound_contextvars(request_id=name):
            response = self._get_response(request)
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            path = quote(request.path, safe="/:@!$&'()*+,;=-._~")  # nobody writes a line break by an address
            log.info(
                "%s %s",
                request.method,
                path,
                extra={
                    "method": request.method,
                    "path": path,
                    "status": response.status_code,
                    "duration_ms": milliseconds,
                },
            )
        response.headers[HEADER] = name
        return response
