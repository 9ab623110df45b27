"""The list of solves: what was solved by whom, newest in the mirror first."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gameplatform.admin.mirror_screen import MirrorScreen
from gameplatform.admin.searching import account_ids_like, uuid_of
from gameplatform.models import Account, FlashEvent, Solve
from jobqueue.screens import ago

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin


class AccountFilter(SimpleListFilter):
    """The solves of the account that the address names; it offers no other."""

    title = "account"
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Iterable[tuple[str, str]]:
        """The chosen one."""
        chosen = self.value()
        if chosen is None:
            return []
        key = uuid_of(chosen)
        account = Account.objects.filter(pk=key).first() if key else None
        return [(chosen, str(account) if account else "unknown account")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Solve]) -> QuerySet[Solve]:
        """Its solves; none for what is no id."""
        if self.value() is None:
            return queryset
        key = uuid_of(self.value() or "")
        return queryset.filter(account=key) if key else queryset.none()


class EventFilter(SimpleListFilter):
    """The solves in the event that the address names; it offers no other."""

    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Iterable[tuple[str, str]]:
        """The chosen one."""
        if self.value() is None:
            return []
        key = self._key()
        event = FlashEvent.objects.filter(pk=key).first() if key is not None else None
        return [(self.value() or "", str(event) if event else "unknown event")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Solve]) -> QuerySet[Solve]:
        """Its solves; none for what is no id."""
        if self.value() is None:
            return queryset
        key = self._key()
        return queryset.filter(event=key) if key is not None else queryset.none()

    def _key(self) -> int | None:
        text = self.value() or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@admin.register(Solve)
class SolveAdmin(MirrorScreen):
    """Solves are the platform's; nobody edits them here."""

    list_display = ("challenge", "by", "solved", "where", "domain", "points", "seen")
    list_filter = (AccountFilter, EventFilter)
    list_select_related = ("account", "event")
    search_fields = ("account",)
    search_help_text = "Account: user name, coach, or the whole id"
    fields = (
        "account", "source", "event", "title", "category", "domain", "points", "solved_at", "work_roles", "retired",
        "remote_solve_id", "remote_challenge_id", "first_seen_at",
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Solve], search_term: str
    ) -> tuple[QuerySet[Solve], bool]:
        """By account: titles have no index, and there are millions."""
        term = search_term.strip().replace("\0", "")
        return (queryset.filter(account__in=list(account_ids_like(term))) if term else queryset), False

    @admin.display(description="Challenge")
    def challenge(self, solve: Solve) -> SafeString:
        """Its title, on two lines if it must be."""
        return format_html('<span class="jq-wrap">{}</span>', solve.title)

    @admin.display(description="Account")
    def by(self, solve: Solve) -> SafeString:
        """Who solved it."""
        page = reverse("admin:gameplatform_account_change", args=[solve.account_id])
        return format_html('<a href="{}"><bdi>{}</bdi></a>', page, solve.account)

    @admin.display(description="Solved")
    def solved(self, solve: Solve) -> SafeString:
        """When."""
        return ago(solve.solved_at)

    @admin.display(description="Where")
    def where(self, solve: Solve) -> str:
        """The event, or practice."""
        return solve.event.name if solve.event else solve.get_source_display()

    @admin.display(description="First seen here")
    def seen(self, solve: Solve) -> SafeString:
        """When the sync brought it."""
        return ago(solve.first_seen_at)
