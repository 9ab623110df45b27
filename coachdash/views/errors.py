"""What a person reads when something cannot be shown: in the admin within its own walls, elsewhere a plain page."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import defaults


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; the admin's says what the view said, as its readers look for rows that may be gone."""
    if not _is_in_admin(request):
        return defaults.page_not_found(request, exception)
    words = str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""
    return _in_admin(request, 404, "Nothing here", _own_words(words))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if not _is_in_admin(request):
        return defaults.permission_denied(request, exception)
    words = str(exception) if isinstance(exception, PermissionDenied) else ""
    return _in_admin(request, 403, "Not allowed", words)


def _is_in_admin(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return request.path.startswith(reverse("admin:index")) and user is not None and admin.site.has_permission(request)


def _own_words(words: str) -> str:
    """What a view of ours said; Django's own speak of models and queries."""
    is_djangos = not words or "matches the given query" in words or " with ID “" in words
    return "" if is_djangos else words


def _in_admin(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, "status": status, "words": words}
    return render(request, "admin/error.html", context, status=status)
