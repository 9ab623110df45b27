"""Locks a batch of accounts and their sync states, always in the order of their ids."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from gameplatform.models import Account, SyncState

_ADD_MISSING_STATES = """
INSERT INTO gameplatform_syncstate
       (account_id, next_due, consecutive_failures, error_code, error_message, needs_totals_refresh)
SELECT account.id, now(), 0, '', '', false
  FROM gameplatform_account AS account
 WHERE account.id = ANY(%s)
   AND NOT EXISTS (SELECT FROM gameplatform_syncstate AS state WHERE state.account_id = account.id)
 ORDER BY account.id
    ON CONFLICT DO NOTHING
"""


def lock_accounts(ids: Collection[UUID]) -> dict[UUID, Account]:
    """The accounts that still exist, locked until the transaction ends; a second sync of them waits."""
    found = Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    return {account.pk: account for account in found}


def lock_states(ids: Collection[UUID]) -> dict[UUID, SyncState]:
    """The sync states of locked accounts, made where missing; a totals sweep of them waits."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD_MISSING_STATES, [list(ids)])
    found = SyncState.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    return {state.pk: state for state in found}
