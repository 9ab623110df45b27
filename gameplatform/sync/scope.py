"""Which accounts a sync works off."""

from datetime import datetime

from gameplatform.models import Account
from gameplatform.querysets import AccountQuerySet
from gameplatform.sync.options import SyncOptions


def accounts_of(options: SyncOptions, due_at: datetime) -> AccountQuerySet:
    """All competitors in scope, or by a schedule's call those of them that are due."""
    competitors = Account.objects.competitors(options.coach_id)
    return competitors if options.takes_all else competitors.due(due_at)
