"""The two log-ins. Either takes everybody, and leads to where that person may go."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from unfold.widgets import INPUT_CLASSES

NOT_FOR_YOU = "Your account has no access to the administration."


class AdminLoginForm(AuthenticationForm):
    """Everybody's form in the administration's clothes; unfold's own would refuse whoever is no staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = " ".join(INPUT_CLASSES)


class SiteLogin(LoginView):
    """For coaches, at /login/."""

    template_name = "coachdash/login.html"
    redirect_authenticated_user = True


@method_decorator(never_cache, name="dispatch")
class AdminLogin(LoginView):
    """At /admin/login/. Who has no access to the administration gets to the dashboard, logged in and told why."""

    template_name = "admin/login.html"
    authentication_form = AdminLoginForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Who is logged in needs no form."""
        if request.method == "GET" and request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Where they wanted to go in the administration, or else the dashboard."""
        if admin.site.has_permission(self.request):
            return self.get_redirect_url() or resolve_url("admin:index")
        messages.warning(self.request, NOT_FOR_YOU)
        return resolve_url("dashboard")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the admin's own log-in page is given."""
        return super().get_context_data(
            **{
                **admin.site.each_context(self.request),
                "title": "Log in",
                "app_path": self.request.get_full_path(),
                "username": "",
                **kwargs,
            }
        )
