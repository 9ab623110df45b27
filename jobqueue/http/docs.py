"""The browsable page of the API, from the files that ninja brings, under a strict Content-Security-Policy."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from jobqueue.http.access import BearerToken, Session
from jobqueue.http.caller import READ_OWN
from jobqueue.http.problems import ApiProblem, answer

# Swagger's own pictures are data in its style sheet, and it sets styles of elements.
_POLICY: dict[str, Collection[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}


class LocalSwagger(DocsBase):
    """Swagger's page without anything from elsewhere; what is tried there is done as whoever is logged in."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page."""
        swagger = {
            "url": self.get_openapi_url(api, kwargs),
            "layout": "BaseLayout",
            "deepLinking": True,
            "defaultModelsExpandDepth": 0,
            "docExpansion": "list",
        }
        return render(request, "jobqueue/api_docs.html", {"api": api, "swagger": swagger})


def members_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show the page and the document to whoever is known: by a log-in, to which the page leads, or by a token."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return answer(ApiProblem(405, "Expected GET.", headers={"Allow": "GET, HEAD"}))
        try:
            known = BearerToken(READ_OWN)(request) or Session(READ_OWN)(request)
        except ApiProblem as problem:
            return answer(problem)
        if known is None:
            if request.path.endswith(".json"):
                return answer(ApiProblem(401, "Expected an API token, or the cookie of a log-in."))
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        response: HttpResponse = csp_override(_POLICY)(view)(request, *args, **kwargs)
        return response

    return guarded
