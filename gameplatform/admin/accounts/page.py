"""The page of one account: how its sync goes and why, its totals beside the platform's, and its latest solves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from gameplatform.admin.labels import status_pill, sync_pill
from gameplatform.admin.searching import uuid_of
from gameplatform.models import Account, AccountStats, EventResult, Solve, SyncState
from jobqueue import operations
from jobqueue.api import Job, NewJob
from jobqueue.audit import Actor
from jobqueue.screens import deny, may_operate

if TYPE_CHECKING:
    from jobqueue.screens import Screen

MOST_SOLVES = 20
MOST_EVENTS = 20
_SYNC = "game_platform_sync"


class Fact(NamedTuple):
    """One line; a moment is shown relative."""

    label: str
    value: Any
    is_moment: bool = False


def show(screen: "Screen", request: HttpRequest, object_id: str) -> HttpResponse:
    """Everything that the mirror knows of one account, but for personal data.

    Raises:
        PermissionDenied: may not see accounts.
    """
    if not screen.has_view_permission(request):
        raise PermissionDenied
    accounts = Account.objects.select_related("coach", "sync_state", "stats")
    account = accounts.filter(pk=key).first() if (key := uuid_of(object_id)) else None
    if account is None:
        messages.warning(request, "There is no such account (any more).")
        return HttpResponseRedirect(reverse("admin:gameplatform_account_changelist"))
    state, stats = state_of(account), stats_of(account)
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "original": account,
        "title": account.username or str(account.pk),
        "media": screen.media,
        "account": account,
        "status": status_pill(account),
        "sync": sync_pill(state),
        "state": state,
        "stats": stats,
        "identity": _identity(account),
        "sync_facts": _sync_facts(state) if state else [],
        "total_facts": _total_facts(stats) if stats else [],
        "written_by": _job(stats.job_id if stats else None),
        "solves": _solves(account),
        "results": _results(account),
        "may_operate": may_operate(request),
    }
    return TemplateResponse(request, "gameplatform/admin/account.html", context)


@require_POST
def sync_coach(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Enqueue a sync of all accounts of this account's coach, due or not, and show that job.

    Raises:
        PermissionDenied: not an operator.
        Http404: there is no such account.
    """
    if not may_operate(request):
        deny(request, "JOB_CREATE", "job")
    account = get_object_or_404(Account.objects.select_related("coach"), pk=account_id)
    if account.coach is None:
        messages.error(request, "0 jobs enqueued: nobody looks after this account, so there is no coach to sync.")
        return HttpResponseRedirect(reverse("admin:gameplatform_account_change", args=[account_id]))
    new_job = NewJob(task_type=_SYNC, payload={"coachId": account.coach_id})
    enqueued = operations.create(new_job, Actor.of_request(request))
    name = account.coach.get_full_name() or account.coach.get_username()
    if enqueued.created:
        messages.success(request, f"1 job enqueued: it syncs the students of {name}.")
    else:
        messages.info(request, f"0 jobs enqueued: this one, which syncs the students of {name}, has not finished yet.")
    return HttpResponseRedirect(reverse("admin:jobqueue_job_change", args=[enqueued.id]))


def state_of(account: Account) -> SyncState | None:
    """How its sync goes; None before the first."""
    try:
        return account.sync_state
    except ObjectDoesNotExist:
        return None


def stats_of(account: Account) -> AccountStats | None:
    """Its totals; None before they were added up."""
    try:
        return account.stats
    except ObjectDoesNotExist:
        return None


def _solves(account: Account) -> list[Solve]:
    return list(account.solves.select_related("event").order_by("-solved_at")[:MOST_SOLVES])


def _results(account: Account) -> list[EventResult]:
    return list(account.event_results.select_related("event").order_by("-event__starts_at")[:MOST_EVENTS])


def _job(key: UUID | None) -> Job | None:
    return Job.objects.filter(pk=key).only("id", "task_type").first() if key else None


def _identity(account: Account) -> Sequence[Fact]:
    coach = account.coach
    return [
        Fact("Our id", account.pk),
        Fact("Kind", account.get_kind_display()),
        Fact("Coach", (coach.get_full_name() or coach.get_username()) if coach else "nobody"),
        Fact("Id on the platform", account.remote_id if account.remote_id is not None else "not known"),
        Fact("Link", account.get_link_state_display()),
        Fact("Last log-in there", account.last_login, is_moment=True),
        Fact("Last seen there", account.last_seen, is_moment=True),
        Fact("Known here since", account.created_at, is_moment=True),
    ]


def _sync_facts(state: SyncState) -> Sequence[Fact]:
    return [
        Fact("Last attempt", state.last_attempt_at, is_moment=True),
        Fact("Last success", state.last_success_at, is_moment=True),
        Fact("Next due", state.next_due, is_moment=True),
        Fact("Failures in a row", f"{state.consecutive_failures:,}"),
        Fact("Asks for solves after", state.watermark, is_moment=True),
        Fact("Newest solve", state.newest_solve_at, is_moment=True),
        Fact("Whole history fetched", state.last_full_at, is_moment=True),
        Fact("Profile fetched", state.profile_synced_at, is_moment=True),
        Fact("Events fetched", state.flash_synced_at, is_moment=True),
    ]


def _total_facts(stats: AccountStats) -> Sequence[Fact]:
    return [
        Fact("Practice", f"{stats.odl_challenges:,} challenges, {stats.odl_points:,} points"),
        Fact("Events", f"{stats.ctf_challenges:,} challenges in {stats.ctf_events:,}, {stats.ctf_points:,} points"),
        Fact("Points in all", f"{stats.total_points:,}"),
        Fact("Platform says of practice", _reported(stats)),
        Fact("As of", stats.as_of, is_moment=True),
    ]


def _reported(stats: AccountStats) -> str:
    if stats.platform_challenges is None or stats.platform_points is None:
        return "nothing yet"
    return f"{stats.platform_challenges:,} challenges, {stats.platform_points:,} points"
