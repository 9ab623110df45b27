"""What the log can be filtered by: words and people that are in it, found by hops over its indexes."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from jobqueue.admin.audit import words
from jobqueue.admin.audit.query import SPANS, AuditQuery
from jobqueue.bulk.background import OBJECT_TYPE as BULK_OPERATION
from jobqueue.http.refusals import CALL
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Action, Channel
from jobqueue.operations.audit_log import AUDIT_LOG
from jobqueue.operations.jobs import JOB, JOBS
from jobqueue.operations.ledger import EFFECT
from jobqueue.operations.processing import PROCESSING
from jobqueue.operations.schedules import SCHEDULE
from jobqueue.operations.templates import TEMPLATE
from jobqueue.operations.tokens import TOKEN

MOST = 100
_OBJECTS = {
    JOB: "One job",
    JOBS: "Several jobs",
    BULK_OPERATION: "Bulk operation",
    SCHEDULE: "Schedule",
    TEMPLATE: "Schedule template",
    PROCESSING: "Processing",
    EFFECT: "Effect",
    TOKEN: "API token",
    CALL: "API call",
    AUDIT_LOG: "The log itself",
}
_ACTIONS = dict(Action.choices)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One filter, and what can be chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


def choices(query: AuditQuery) -> list[Choice]:
    """All of them, in three queries."""
    return [
        _choice("actor_id", "Anybody", _people(), query),
        _choice("action", "Any action", [(word, say_action(word)) for word in words.actions()], query),
        _choice("object_type", "Any object", [(word, say_object(word)) for word in words.object_types()], query),
        _choice("channel", "By any door", list(Channel.choices), query),
        _choice("refused", "Done or refused", [("no", "Done"), ("yes", "Refused")], query),
        _choice("when", "At any time", list(SPANS.items()), query),
    ]


def say_action(word: str) -> str:
    """What was done, in plain words."""
    return _ACTIONS.get(word) or word.replace("_", " ").capitalize()


def say_object(word: str) -> str:
    """What kind of thing it was done to; other apps name theirs as "app.model"."""
    return _OBJECTS.get(word) or word.rpartition(".")[2].replace("_", " ").capitalize()


def _choice(name: str, label: str, options: list[tuple[str, str]], query: AuditQuery) -> Choice:
    chosen = query.given.get(name, "")
    if chosen and chosen not in dict(options):
        options = [*options, (chosen, chosen)]
    return Choice(name=name, label=label, options=options, chosen=chosen)


def _people() -> list[tuple[str, str]]:
    users = get_user_model()
    acted = Exists(AuditEntry.objects.filter(actor_id=OuterRef("pk")))
    found = users.objects.filter(acted).order_by(users.USERNAME_FIELD).values_list("pk", users.USERNAME_FIELD)
    return [(str(pk), name) for pk, name in found[:MOST]]
