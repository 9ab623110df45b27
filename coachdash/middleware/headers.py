"""Headers that every answer has, beside those of Django's SecurityMiddleware."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_HEADERS = {
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "microphone=(), midi=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    # No copy of a page stays with a proxy, or on the disk of a shared computer.
    "Cache-Control": "private, no-store",
}

type GetResponse = Callable[[HttpRequest], HttpResponse]


class HeadersMiddleware:
    """Adds them unless the view has decided otherwise; static files, which are nobody's secret, say so themselves."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers."""
        response = self._get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response
