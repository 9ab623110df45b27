"""What every screen of the queue shares: its base class, its style sheet and who may operate."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _ModelAdmin = ModelAdmin[Any]
else:
    from unfold.admin import ModelAdmin as _ModelAdmin

OPERATE = "jobqueue.operate_job"
DELETE = "jobqueue.delete_job"
SEE_AUDIT_LOG = "jobqueue.view_auditentry"


def may_operate(request: HttpRequest) -> bool:
    """Whether this person may run, retry, cancel and pause."""
    return request.user.has_perm(OPERATE)


def may_delete(request: HttpRequest) -> bool:
    """Whether this person may delete jobs."""
    return request.user.has_perm(DELETE)


def may_see_audit_log(request: HttpRequest) -> bool:
    """Whether this person may read what others did."""
    return request.user.has_perm(SEE_AUDIT_LOG) or may_operate(request)


class Screen(_ModelAdmin):
    """A list and its pages."""

    list_fullwidth = True
    list_per_page = 50

    class Media:
        css = {"all": ["jobqueue/admin.css"]}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Not for what PostgreSQL cannot even compare, unless it is a filter's own, which knows what to do with it."""
        own = {getattr(one, "parameter_name", None) for one in self.get_list_filter(request)}
        return super().lookup_allowed(lookup, value, request) and ("\0" not in value or lookup in own)

    def has_operate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Named by the actions' `permissions=["operate"]`."""
        return may_operate(request)

    def has_delete_jobs_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Named by the actions' `permissions=["delete_jobs"]`."""
        return may_delete(request)


class ReadOnlyScreen(Screen):
    """A screen of rows that no form edits: what changes them is a verb, not a field."""

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Who may operate may look."""
        return super().has_view_permission(request, obj) or may_operate(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody, by Django's own delete page: jobs are deleted by a verb."""
        return False
