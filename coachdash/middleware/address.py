"""Whose request is it? Behind proxies the peer is a proxy; the last header that is ours says who came to the first."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

type GetResponse = Callable[[HttpRequest], HttpResponse]


class AddressMiddleware:
    """Puts the client's address into REMOTE_ADDR, where limits and the audit log look for it.

    Each proxy appends the address it was called from to X-Forwarded-For. Of `settings.TRUSTED_PROXIES` proxies the
    first one appended the entry that counts; whatever stands before it, the client may have made up.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on, with the address."""
        number: int = settings.TRUSTED_PROXIES
        entries = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if number and len(entries) >= number and _is_address(entries[-number]):
            request.META["REMOTE_ADDR"] = entries[-number]
        return self._get_response(request)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
