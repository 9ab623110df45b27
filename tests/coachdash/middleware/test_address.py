"""Behind proxies, the address that counts is the one no client can make up."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from coachdash.middleware.address import AddressMiddleware


def seen(forwarded: str | None, *, proxies: int, settings: Settings) -> str:
    """The address that views see of a peer 10.0.0.1 with this header."""
    settings.TRUSTED_PROXIES = proxies
    addresses: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        addresses.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    AddressMiddleware(view)(RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1"))
    return addresses[0]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "1.1.1.1, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "nonsense", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_the_entry_of_the_first_trusted_proxy_counts(
    proxies: int, forwarded: str | None, expected: str, settings: Settings
) -> None:
    assert seen(forwarded, proxies=proxies, settings=settings) == expected
