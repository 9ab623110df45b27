"""The audit log's filters, each served by an index; their choices are bounded."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from jobqueue.admin.jobs.filters import Choices, CreatedFilter
from jobqueue.bulk.background import OBJECT_TYPE as BULK_OPERATION
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Action
from jobqueue.operations.jobs import JOB, JOBS
from jobqueue.operations.ledger import EFFECT
from jobqueue.operations.processing import PROCESSING
from jobqueue.operations.schedules import SCHEDULE
from jobqueue.operations.templates import TEMPLATE

MOST_PEOPLE = 50
OBJECT_TYPES = {
    JOB: "One job",
    JOBS: "Several jobs",
    BULK_OPERATION: "Bulk operation",
    SCHEDULE: "Schedule",
    TEMPLATE: "Schedule template",
    PROCESSING: "Processing",
    EFFECT: "Effect",
}


class ActionFilter(SimpleListFilter):
    """By what was done."""

    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The queue's own words."""
        return Action.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The entries with that word; others than the queue's own work, too."""
        value = self.value()
        return queryset if value is None else queryset.filter(action=value)


class PersonFilter(SimpleListFilter):
    """By who did it: users that have done something, the first by name."""

    title = "person"
    parameter_name = "actor_id"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The people, in one query."""
        users = get_user_model()
        acted = Exists(AuditEntry.objects.filter(actor_id=OuterRef("pk")))
        found = users.objects.filter(acted).order_by(users.USERNAME_FIELD)
        return [(str(pk), name) for pk, name in found.values_list("pk", users.USERNAME_FIELD)[:MOST_PEOPLE]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """That user's entries; none for what is no number."""
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(actor_id=value) if value.isascii() and value.isdigit() else queryset.none()


class ObjectFilter(SimpleListFilter):
    """By what it was done to."""

    title = "object"
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Choices:
        """The queue's own objects."""
        return OBJECT_TYPES.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The entries about such objects."""
        value = self.value()
        return queryset if value is None else queryset.filter(object_type=value)


class WhenFilter(CreatedFilter):
    """By age."""

    title = "when"
    parameter_name = "when"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The entries since then."""
        since = self.since()
        return queryset.filter(at__gte=since) if since else queryset
