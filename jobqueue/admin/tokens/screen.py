"""The list of API tokens, making one, and revoking one."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from jobqueue import operations
from jobqueue.admin.dialogs import BaseDialogForm, ask, go
from jobqueue.admin.refusals import refuse
from jobqueue.admin.screens import ReadOnlyScreen
from jobqueue.admin.tokens.form import TokenForm
from jobqueue.audit import Actor
from jobqueue.exceptions import JobQueueError
from jobqueue.models import ApiToken
from jobqueue.models.audit_entry import Action
from jobqueue.operations.tokens import TOKEN

MANAGE = "jobqueue.manage_every_token"
_USEFUL_WITH = ("jobqueue.view_job", "jobqueue.operate_job", "jobqueue.delete_job", MANAGE)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyScreen):
    """Tokens are made and revoked by verbs."""

    change_list_template = "jobqueue/tokens/list.html"
    list_display = ["__str__"]
    list_display_links = None
    search_fields = ["name", "prefix", "owner__username"]
    search_help_text = "Name, owner, or how it begins"

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """For whoever can use a token here; of others' only who may manage them."""
        return any(request.user.has_perm(name) for name in _USEFUL_WITH)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """One's own, or everybody's; the latest first."""
        everybodys = ApiToken.objects.select_related("owner")
        return everybodys if request.user.has_perm(MANAGE) else everybodys.filter(owner_id=request.user.pk)

    def get_urls(self) -> list[URLPattern]:
        """The two verbs beside Django's own pages."""
        create: Callable[..., HttpResponse] = self.admin_site.admin_view(self._create)
        revoke: Callable[..., HttpResponse] = self.admin_site.admin_view(self._revoke)
        return [
            path("new/", create, name="jobqueue_apitoken_new"),
            path("<int:pk>/revoke/", revoke, name="jobqueue_apitoken_revoke"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with owners for who sees everybody's."""
        more = {"shows_owners": request.user.has_perm(MANAGE), "now": timezone.now()}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """There is no more to a token than its row."""
        return HttpResponseRedirect(_list())

    def _create(self, request: HttpRequest) -> HttpResponse:
        """GET asks; POST makes it and shows the secret, in the answer itself: it must not be stored on the way."""
        if not self.has_view_permission(request):
            if request.method == "POST":
                refuse(request, Action.TOKEN_CREATE, TOKEN)
            raise PermissionDenied
        form = TokenForm(request, data=request.POST if request.method == "POST" else None)
        if form.is_valid():
            made = _make(request, form)
            if made is not None:
                return self._show_once(request, *made)
        return ask(
            self,
            request,
            form,
            title="New API token",
            description="It lets a program act for you. Its secret is shown once, on the next page.",
            submit="Create token",
        )

    def _show_once(self, request: HttpRequest, token: ApiToken, secret: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "API token created",
            "token": token,
            "secret": secret,
            "back": _list(),
            "media": self.media,
        }
        headers = {"Cache-Control": "no-store"}
        return TemplateResponse(request, "jobqueue/tokens/created.html", context, headers=headers)

    def _revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks; POST revokes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        token = self.get_queryset(request).filter(pk=pk).first()
        if token is None:
            if request.method == "POST":
                refuse(request, Action.TOKEN_REVOKE, TOKEN, pk, "unknown token, or somebody else's")
            raise Http404("There is no such token, or it is somebody else's.")
        form = BaseDialogForm(request, data=request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            if operations.revoke_token(token, Actor.of_request(request)):
                messages.success(request, f"Revoked: {token}. Calls with it are refused from now on.")
            else:
                messages.warning(request, f"{token} was revoked before.")
            return go(request, _list())
        return ask(
            self,
            request,
            form,
            title=f"Revoke {token.name}?",
            description="Every program that uses it is refused from now on. This cannot be undone.",
            submit="Revoke token",
        )


def _make(request: HttpRequest, form: TokenForm) -> tuple[ApiToken, str] | None:
    try:
        return operations.create_token(
            request.user,
            Actor.of_request(request),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at,
        )
    except JobQueueError as error:
        form.add_error("name", str(error))
        return None


def _list() -> str:
    return reverse("admin:jobqueue_apitoken_changelist")
