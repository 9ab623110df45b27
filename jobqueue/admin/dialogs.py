"""Questions before an act: one template, shown in unfold's dialog or, without JavaScript, as a page of its own."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django import forms

    class BaseDialogForm(forms.Form):
        """As unfold's, for the type checker."""

        def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None: ...
else:
    from unfold.forms import BaseDialogForm

NEXT = "next"


def is_htmx(request: HttpRequest) -> bool:
    """Whether a script on our page asks, for a part of it."""
    return "HX-Request" in request.headers


def ask(
    screen: "ModelAdmin[Any]",
    request: HttpRequest,
    form: BaseDialogForm,
    *,
    title: str,
    description: str,
    submit: str,
    keep: dict[str, list[str]] | None = None,
) -> TemplateResponse:
    """The question; it is posted back to the address where it is shown.

    Args:
        keep: hidden values that the answer carries along.
    """
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": title,
        "dialog": {"title": title, "description": description},
        "form": form,
        "form_submit_text": submit,
        "keep": keep or {},
        "back": came_from(request, ""),
        "media": screen.media,
    }
    template = "jobqueue/dialogs/dialog.html" if is_htmx(request) else "jobqueue/dialogs/question.html"
    return TemplateResponse(request, template, context)


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Go to a page after the act; from within a dialog the whole page must go."""
    if is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def came_from(request: HttpRequest, default: str) -> str:
    """Where `?next=` wants to go back to, if that is on this site."""
    url = request.GET.get(NEXT, "")
    is_ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_ours else default
