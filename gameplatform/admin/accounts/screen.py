"""The list of accounts, and beside each how its sync goes."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gameplatform.admin.accounts import page
from gameplatform.admin.accounts.filters import CoachFilter, StatusFilter, SyncFilter
from gameplatform.admin.labels import NONE, status_pill, sync_pill
from gameplatform.admin.mirror_screen import MirrorScreen
from gameplatform.admin.searching import accounts_like
from gameplatform.models import Account
from jobqueue.screens import OrderedChangeList, OrderedPaginator, ago


@admin.register(Account)
class AccountAdmin(MirrorScreen):
    """Accounts are what the platform and the sync make of them; no form edits one."""

    list_display = (
        "account", "looked_after_by", "on_platform", "sync", "synced_at", "next_due", "solved", "points",
        "last_activity",
    )  # fmt: skip
    list_filter = (SyncFilter, StatusFilter, CoachFilter, "kind")
    list_select_related = ("coach", "sync_state", "stats")
    paginator = OrderedPaginator
    page_keys = ("username", "id")

    search_fields = ("username",)
    search_help_text = "User name, coach, or the whole id"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OrderedChangeList]:
        """Pages by user name."""
        return OrderedChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        """See `accounts_like`."""
        term = search_term.strip().replace("\0", "")
        return (queryset.filter(accounts_like(term)) if term else queryset), False

    def get_urls(self) -> list[URLPattern]:
        """The one verb beside Django's own pages."""
        sync: Callable[..., HttpResponse] = self.admin_site.admin_view(page.sync_coach)
        return [path("<uuid:account_id>/sync/", sync, name="gameplatform_account_sync"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The account's page, to read."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return page.show(self, request, object_id)

    @admin.display(description="Account")
    def account(self, account: Account) -> SafeString:
        """The user name with what kind of account it is."""
        mark = "" if account.kind == Account.Kind.COMPETITOR else " (coach)"
        return format_html("<bdi>{}</bdi>{}", account.username or _short(account.pk), mark)

    @admin.display(description="Coach")
    def looked_after_by(self, account: Account) -> SafeString:
        """Whose student it is, as a link to all of theirs."""
        if account.coach is None:
            return NONE
        name = account.coach.get_full_name() or account.coach.get_username()
        return format_html('<a href="?coach={}"><bdi>{}</bdi></a>', account.coach_id, name)

    @admin.display(description="On the platform")
    def on_platform(self, account: Account) -> SafeString:
        """What the platform says."""
        return status_pill(account)

    @admin.display(description="Sync")
    def sync(self, account: Account) -> SafeString:
        """How the latest one went."""
        return sync_pill(page.state_of(account))

    @admin.display(description="Synced")
    def synced_at(self, account: Account) -> SafeString:
        """The latest success."""
        state = page.state_of(account)
        return ago(state.last_success_at if state else None)

    @admin.display(description="Next due")
    def next_due(self, account: Account) -> SafeString:
        """When the sync takes it up again."""
        state = page.state_of(account)
        return ago(state.next_due) if state else SafeString("at once")

    @admin.display(description="Solved")
    def solved(self, account: Account) -> str:
        """Challenges of practice and events."""
        stats = page.stats_of(account)
        return f"{stats.odl_challenges + stats.ctf_challenges:,}" if stats else NONE

    @admin.display(description="Points")
    def points(self, account: Account) -> str:
        """Of both."""
        stats = page.stats_of(account)
        return f"{stats.total_points:,}" if stats else NONE

    @admin.display(description="Last activity")
    def last_activity(self, account: Account) -> SafeString:
        """The newest solve."""
        stats = page.stats_of(account)
        return ago(stats.last_activity if stats else None)


def _short(key: UUID) -> str:
    return key.hex[:8]
