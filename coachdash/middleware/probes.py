"""Probes are answered first: whoever asks by an address of a pod has no host name, no session and no patience."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.urls.exceptions import Resolver404

_PREFIXES = ("/health/", "/metrics")

type GetResponse = Callable[[HttpRequest], HttpResponse]


class ProbesMiddleware:
    """Calls the view of a probe's address itself; everything else goes on.

    Kubernetes and Prometheus ask by IP, over plain HTTP: ALLOWED_HOSTS would refuse them, and the way to HTTPS would
    look like success.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or let others answer."""
        if request.path_info.startswith(_PREFIXES):
            try:
                view, args, kwargs = resolve(request.path_info)
            except Resolver404:
                return self._get_response(request)
            response: HttpResponse = view(request, *args, **kwargs)
            return response
        return self._get_response(request)
