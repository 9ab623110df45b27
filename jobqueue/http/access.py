"""Letting callers in: by an API token or by the cookie of a log-in, as often as they may call, to what they may do."""

import math
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from jobqueue import tokens
from jobqueue.conf import conf
from jobqueue.http.caller import Caller, Needs
from jobqueue.http.problems import ApiProblem
from jobqueue.http.refusals import address_of, note_refusal, stranger
from jobqueue.models import ApiToken
from jobqueue.rates import Rate, network_of, take

_MINUTE = timedelta(minutes=1)
_SAFE = {"GET", "HEAD", "OPTIONS"}


class BearerToken(HttpBearer):
    """A personal API token."""

    openapi_description = "A personal API token: `manage.py create_api_token`, or API Tokens in the admin."

    def __init__(self, needs: Needs) -> None:
        super().__init__()
        self.needs = needs

    def __call__(self, request: HttpRequest) -> Caller | None:
        """The caller whose token it is; None if there is no such header.

        Raises:
            ApiProblem: a token that is not, or no more, accepted here.
        """
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise turned_away(request, "The Authorization header has another scheme: expected Bearer and an API token.")
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """Find the token, and see whether it may.

        Raises:
            ApiProblem: it may not.
        """
        found = tokens.find(token)
        if found is None:
            raise turned_away(request, "This API token is unknown.")
        problem = _problem_of(found)
        if problem:
            raise turned_away(request, problem)
        caller = Caller(user=found.owner, token=found, address=address_of(request))
        admit(request, caller, self.needs)
        tokens.mark_used(found)
        return caller


class Session(APIKeyCookie):
    """Whoever is logged in on the site; changes need the CSRF token."""

    param_name = "sessionid"
    openapi_description = "Whoever is logged in on the site. Changes need the header `X-CSRFToken`."

    def __init__(self, needs: Needs) -> None:
        super().__init__()
        self.needs = needs

    def __call__(self, request: HttpRequest) -> Caller | None:
        """The caller who is logged in; None for a stranger.

        Raises:
            ApiProblem: the CSRF token is wrong, or they may not.
        """
        if not request.user.is_authenticated:
            _count_stranger(request)
            return None
        if check_csrf(request):
            raise ApiProblem(403, "The CSRF token is missing or wrong: expected it in X-CSRFToken.", code="CSRF_FAILED")
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller:
        """See whether they may.

        Raises:
            ApiProblem: they may not.
        """
        caller = Caller(user=request.user, token=None, address=address_of(request))
        admit(request, caller, self.needs)
        return caller


def admit(request: HttpRequest, caller: Caller, needs: Needs) -> None:
    """Count the call of somebody known, and see whether they may.

    Raises:
        ApiProblem: they called too often, or may not.
    """
    taken = take(caller.key, Rate(calls=conf().API_CALLS_PER_MINUTE, per=_MINUTE))
    if not taken.is_allowed:
        raise _too_often(conf().API_CALLS_PER_MINUTE, taken.wait)
    problem = caller.lacks(needs)
    if problem:
        if request.method not in _SAFE:
            note_refusal(request, caller.actor, problem)
        raise ApiProblem(403, problem)


def turned_away(request: HttpRequest, problem: str, **answer: Any) -> ApiProblem:
    """What to raise for credentials that are not accepted: recorded, and counted by address."""
    _count_stranger(request)
    note_refusal(request, stranger(request), problem)
    return ApiProblem(401, problem, headers={"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'}, **answer)


def _count_stranger(request: HttpRequest) -> None:
    most = conf().API_STRANGERS_PER_MINUTE
    taken = take(f"stranger:{network_of(address_of(request))}", Rate(calls=most, per=_MINUTE))
    if not taken.is_allowed:
        raise _too_often(most, taken.wait)


def _too_often(most: int, wait: float) -> ApiProblem:
    seconds = max(1, math.ceil(wait))
    message = f"Too many calls: at most {most:,} a minute. Try again in {seconds} s."
    return ApiProblem(429, message, headers={"Retry-After": str(seconds)})


def _problem_of(token: ApiToken) -> str:
    if token.revoked_at is not None:
        return "This API token was revoked."
    if token.has_expired(timezone.now()):
        return "This API token has expired."
    return "" if token.owner.is_active else "This API token's owner is inactive."
