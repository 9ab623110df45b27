"""Lets only the logged-in in, and gives them their own clock."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from coachdash.models import Organization


class Request(HttpRequest):
    """A request that HtmxMiddleware has seen."""

    htmx: HtmxDetails


type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]
type MembersView[**P] = Callable[Concatenate[Request, User, P], HttpResponse]


def members_only[**P](view: MembersView[P]) -> View[P]:
    """Call `view(request, user, ...)` in the user's time zone; anybody else is sent to the log-in.

    A fragment's request is answered so that the whole page goes there, not the fragment.
    """

    @wraps(view)
    def guarded(given: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = cast(Request, given)
        user = request.user
        if not isinstance(user, User):
            if request.htmx:
                return HttpResponseClientRedirect(resolve_url("login"))
            return redirect_to_login(request.get_full_path())
        with timezone.override(zone_of(user)):
            return view(request, user, *args, **kwargs)

    return guarded


def zone_of(user: User) -> str:
    """The time zone in which a user reads times: that of their organization, else the site's."""
    zones = Organization.objects.filter(coaches__user=user).values_list("time_zone", flat=True)
    return zones.first() or timezone.get_default_timezone_name()
