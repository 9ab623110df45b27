"""How the admin looks: its name, its colours and its navigation, for django-unfold's setting `UNFOLD`."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


def _icon(_: HttpRequest) -> str:
    return static("coachdash/icon.svg")


def _times(_: HttpRequest) -> str:
    return static("jobqueue/times.js")


def _may(*permissions: str) -> Callable[[HttpRequest], bool]:
    return lambda request: any(request.user.has_perm(permission) for permission in permissions)


def _is_job_queue(request: HttpRequest) -> bool:
    jobs, playbook = reverse("admin:jobqueue_job_changelist"), reverse("admin:jobqueue_playbook")
    return request.path.startswith(jobs) and request.path != playbook


def _item(title: str, icon: str, page: str, *permissions: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}"),
        "permission": _may(*permissions),
        **more,
    }


_ADMIN_TOOLS = {
    "title": "Admin Tools",
    "separator": True,
    "items": [
        _item(
            "Job Queue",
            "list_alt",
            "jobqueue_job_changelist",
            "jobqueue.view_job",
            "jobqueue.operate_job",
            badge="jobqueue.admin.counts.failed_badge",
            active=_is_job_queue,
            badge_variant="danger",
        ),
        _item("Cron Jobs", "schedule", "jobqueue_schedule_changelist", "jobqueue.view_schedule"),
        _item(
            "Workers & Health",
            "monitor_heart",
            "jobqueue_worker_changelist",
            "jobqueue.view_worker",
            "jobqueue.operate_job",
        ),
        _item("Pauses", "pause_circle", "jobqueue_pause_changelist", "jobqueue.view_pause", "jobqueue.operate_job"),
        _item(
            "Audit Log", "history", "jobqueue_auditentry_changelist", "jobqueue.view_auditentry", "jobqueue.operate_job"
        ),
        _item(
            "API Tokens",
            "key",
            "jobqueue_apitoken_changelist",
            "jobqueue.view_job",
            "jobqueue.operate_job",
            "jobqueue.manage_every_token",
        ),
        _item("Playbook", "menu_book", "jobqueue_playbook", "jobqueue.view_job", "jobqueue.operate_job"),
    ],
}


def _mirror_item(title: str, icon: str, model: str) -> dict[str, Any]:
    page = f"gameplatform_{model}_changelist"
    return _item(title, icon, page, f"gameplatform.view_{model}", "jobqueue.operate_job")


_ROSTER = {
    "title": "Roster",
    "separator": True,
    "items": [
        _item("Organizations", "domain", "coachdash_organization_changelist", "coachdash.view_organization"),
        _item("Coaches", "sports", "coachdash_coachprofile_changelist", "coachdash.view_coachprofile"),
        _item("Competitors", "school", "coachdash_competitor_changelist", "coachdash.view_competitor"),
        _item("Teams", "groups", "coachdash_team_changelist", "coachdash.view_team"),
    ],
}
_GAME_PLATFORM = {
    "title": "Game Platform",
    "separator": True,
    "items": [
        _mirror_item("Accounts", "account_circle", "account"),
        _mirror_item("Solves", "flag", "solve"),
        _mirror_item("Events", "emoji_events", "flashevent"),
        _mirror_item("Sync Runs", "sync", "syncrun"),
    ],
}
_USERS = {
    "title": "Users",
    "separator": True,
    "items": [
        _item("Users", "person", "auth_user_changelist", "auth.view_user"),
        _item("Groups", "group", "auth_group_changelist", "auth.view_group"),
    ],
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Coach dashboard",
    "SITE_HEADER": "Coach dashboard",
    "SITE_SUBHEADER": "Administration",
    "SITE_SYMBOL": "sports",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SCRIPTS": [_times],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(70% .17 257)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {"title": "Dashboard", "icon": "dashboard", "link": reverse_lazy("admin:index")},
                ],
            },
            _ADMIN_TOOLS,
            _ROSTER,
            _GAME_PLATFORM,
            _USERS,
        ],
    },
}
